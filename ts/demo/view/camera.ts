/** The camera as a reader of codes: frames go to the scan worker one at a time until it finds a text. @module */
import type { App } from '../app.ts';
import { listCameras, startCamera, type Camera } from '../../host/browser/camera.ts';
import { plainReason } from '../model/reading.ts';
import { button } from './control.ts';
import { fill, h } from './element.ts';

/** A camera in the page. */
export interface CameraPanel {
  readonly root: HTMLElement;
  readonly running: boolean;
  start(): Promise<void>;
  stop(): void;
}

// The thorough decoder joins in when the quick ones had a second's worth of frames.
const FRAMES_BEFORE_THOROUGH = 8;

/**
 * Build the panel; it is hidden until started.
 * @param ontext - called once with the first text found; the camera has stopped by then
 * @param onfault - called with the reason when the camera does not start
 */
export function cameraPanel(
  app: App,
  ontext: (text: string) => void,
  onfault: (reason: string) => void
): CameraPanel {
  const video = h('video', {
    muted: true,
    playsinline: true,
    'aria-label': 'What the camera sees',
  });
  video.muted = true;
  const state = h('p', { class: 'camera-state', 'aria-live': 'polite' });
  const choose = h('select', {
    'aria-label': 'Which camera',
    onchange: () => void restart(choose.value),
  });
  const torch = button('Light', 'torch', 'plain', () => void toggleTorch());
  const halt = button('Stop the camera', 'close', 'plain', () => stop());
  const root = h(
    'div',
    { class: 'camera' },
    h('div', { class: 'finder' }, video, h('div', { class: 'frame' })),
    state,
    h('div', { class: 'row' }, halt, torch, choose)
  );
  root.hidden = true;
  let camera: Camera | undefined;
  // Grows with every start and stop, so that what belongs to an earlier run ends by itself.
  let run = 0;
  let lit = false;

  function stop(): void {
    run += 1;
    camera?.stop();
    camera = undefined;
    video.srcObject = null;
    root.hidden = true;
    lit = false;
  }

  async function restart(id: string): Promise<void> {
    stop();
    await start(id);
  }

  async function toggleTorch(): Promise<void> {
    lit = !lit;
    torch.setAttribute('aria-pressed', String(lit));
    await camera?.setTorch(lit);
  }

  async function start(id?: string): Promise<void> {
    stop();
    const mine = run;
    state.textContent = 'Starting the camera…';
    root.hidden = false;
    try {
      const started = await startCamera(id);
      if (mine !== run) {
        started.stop();
        return;
      }
      camera = started;
      video.srcObject = started.stream;
      torch.hidden = !started.hasTorch;
      await video.play();
      await offerChoice(id);
      state.textContent = 'Hold the code in the frame. It is read as soon as it is sharp.';
      await watch(mine);
    } catch (error) {
      if (mine !== run) return;
      stop();
      onfault(plainReason(error));
    }
  }

  async function offerChoice(id: string | undefined): Promise<void> {
    const cameras = await listCameras();
    choose.hidden = cameras.length < 2;
    fill(choose, ...cameras.map((each) => h('option', { value: each.id }, each.label)));
    if (id !== undefined) choose.value = id;
  }

  async function watch(mine: number): Promise<void> {
    for (let frames = 0; mine === run; frames += 1) {
      if (video.readyState < video.HAVE_CURRENT_DATA) {
        await pause(50);
        continue;
      }
      const frame = await createImageBitmap(video);
      const [text] = await app.scanner.scanFrame(frame, frames >= FRAMES_BEFORE_THOROUGH);
      if (mine !== run) return;
      if (text !== undefined) {
        stop();
        ontext(text);
        return;
      }
      await pause(60);
    }
  }

  return {
    root,
    get running() {
      return camera !== undefined;
    },
    start: () => start(),
    stop,
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
