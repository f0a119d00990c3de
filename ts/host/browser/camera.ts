/** A camera as a source of frames, asked for sharp and large pictures; the reasons it may fail. @module */
import { ProtocolError } from '../../base/errors.ts';

/** A running camera; {@link Camera.stop} must be called, or its light stays on. */
export interface Camera {
  /** What it sees, for a `<video>` element. */
  readonly stream: MediaStream;
  readonly hasTorch: boolean;
  setTorch(on: boolean): Promise<void>;
  stop(): void;
}

/** A camera that the user may pick. */
export interface CameraChoice {
  readonly id: string;
  readonly label: string;
}

// Not in TypeScript's list of constraints, but in that of the Image Capture specification.
interface ImageCapabilities extends MediaTrackCapabilities {
  readonly torch?: boolean;
  readonly focusMode?: readonly string[];
}

/**
 * Start a camera, the back one unless `id` names another, at 1920 x 1080 if it can.
 * @throws ProtocolError `HOST_CAMERA` with the reason in plain words
 */
export async function startCamera(id?: string): Promise<Camera> {
  const devices = mediaDevices();
  if (devices === undefined) {
    throw new ProtocolError('HOST_CAMERA', 'this page has no camera: it needs https or localhost');
  }
  const which =
    id === undefined ? { facingMode: { ideal: 'environment' } } : { deviceId: { exact: id } };
  let stream: MediaStream;
  try {
    stream = await devices.getUserMedia({
      audio: false,
      video: { ...which, width: { ideal: 1920 }, height: { ideal: 1080 } },
    });
  } catch (cause) {
    throw new ProtocolError('HOST_CAMERA', reasonOf(cause), { cause });
  }
  const [track] = stream.getVideoTracks();
  const abilities = (track?.getCapabilities?.() ?? {}) as ImageCapabilities;
  if (abilities.focusMode?.includes('continuous') === true) {
    await constrain(track, { focusMode: 'continuous' });
  }
  return {
    stream,
    hasTorch: abilities.torch === true,
    setTorch: (on) => constrain(track, { torch: on }),
    stop: () => stream.getTracks().forEach((each) => each.stop()),
  };
}

/** The cameras of this device; their names are empty until one of them was allowed. */
export async function listCameras(): Promise<CameraChoice[]> {
  const devices = (await mediaDevices()?.enumerateDevices()) ?? [];
  return devices
    .filter(({ kind }) => kind === 'videoinput')
    .map(({ deviceId, label }, at) => ({ id: deviceId, label: label || `Camera ${at + 1}` }));
}

function mediaDevices(): MediaDevices | undefined {
  return (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
}

async function constrain(
  track: MediaStreamTrack | undefined,
  wish: { readonly torch?: boolean; readonly focusMode?: string }
): Promise<void> {
  try {
    await track?.applyConstraints({ advanced: [wish as MediaTrackConstraintSet] });
  } catch {
    // Focus and torch are comforts: a camera that promised and refuses still gives pictures.
  }
}

function reasonOf(error: unknown): string {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
      return 'the camera is not allowed here; allow it in the browser, or open a picture instead';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'there is no camera; open a picture instead';
    case 'NotReadableError':
    case 'AbortError':
      return 'another program is using the camera';
    default:
      return 'the camera did not start';
  }
}
