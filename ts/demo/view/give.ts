/** The finished code: on the screen, as files, as text, as a link, on paper. @module */
import type { App } from '../app.ts';
import { copyText } from '../../host/browser/clipboard.ts';
import { saveFile } from '../../host/browser/save.ts';
import { contactCard } from '../../lxmf/contact.ts';
import { encodeQr, type QrCode } from '../../qr/code.ts';
import { qrToPng } from '../../qr/png.ts';
import { qrToSvg } from '../../qr/svg.ts';
import type { Paper } from '../model/draft.ts';
import { dayStamp, integer } from '../model/format.ts';
import { plainReason } from '../model/reading.ts';
import { linkTo } from '../model/route.ts';
import { button, check, exactInput, field } from './control.ts';
import { fill, h, svgFrom } from './element.ts';
import { printSheet } from './sheet.ts';

/** The panel under the budget. */
export interface GivePanel {
  readonly root: HTMLElement;
  /** Show a paper, or nothing. @param mm - print width */
  show(paper: Paper | undefined, recipient: string, mm: number): void;
  resize(mm: number): void;
  focus(): void;
}

/** What is on show. */
interface Shown {
  readonly paper: Paper;
  readonly recipient: string;
  readonly code: QrCode;
  mm: number;
}

/** Build the panel. */
export function givePanel(app: App): GivePanel {
  let shown: Shown | undefined;
  let named = true;
  let withCard = false;
  const heading = h('h2', { tabindex: '-1' }, 'The code');
  const picture = h('div', { class: 'code' });
  const facts = h('p', { class: 'facts' });
  const uri = h('textarea', {
    class: 'uri',
    readonly: true,
    rows: 3,
    'aria-label': 'The paper as text',
  });
  const note = field('Words beside the code, for everybody to read', exactInput('text'));
  note.control.setAttribute('maxlength', '120');
  note.control.addEventListener('input', () => lay());
  const names = check('Print the name of the recipient and the date', named, (on) => {
    named = on;
    lay();
  });
  const card = check(
    'Print my card as well, so that a new contact can check the signature',
    withCard,
    (on) => {
      withCard = on;
      lay();
    }
  );

  const act = (work: (current: Shown) => void | Promise<void>) => (): void => {
    if (shown === undefined) return;
    void Promise.resolve(work(shown)).catch((error: unknown) => app.news.say(plainReason(error)));
  };
  const copied = async (text: string, what: string): Promise<void> => {
    await copyText(text);
    app.news.say(`${what} copied.`);
  };
  const share = button(
    'Share',
    'share',
    'plain',
    act(({ paper }) => sharePicture(app, paper))
  );
  share.hidden = typeof navigator.share !== 'function';
  const root = h(
    'section',
    { class: 'card give', 'aria-label': 'The finished code' },
    heading,
    picture,
    facts,
    h(
      'div',
      { class: 'row ways' },
      button(
        'Print',
        'print',
        'primary',
        act(() => print())
      ),
      button(
        'Save SVG',
        'save',
        'plain',
        act(({ code, mm, recipient }) =>
          saveFile(
            `${fileName(recipient)}.svg`,
            qrToSvg(code, { mm, title: 'LXMF paper message' }),
            'image/svg+xml'
          )
        )
      ),
      button(
        'Save PNG',
        'save',
        'plain',
        act(({ code, mm, recipient }) =>
          saveFile(`${fileName(recipient)}.png`, qrToPng(code, { mm }), 'image/png')
        )
      ),
      button(
        'Copy text',
        'copy',
        'plain',
        act(({ paper }) => copied(paper.uri, 'The text was'))
      ),
      button(
        'Copy link',
        'link',
        'plain',
        act(({ paper }) =>
          copied(linkTo(location.href, paper.uri), 'A link that opens it here was')
        )
      ),
      button(
        'Enlarge',
        'read',
        'plain',
        act(({ code }) => enlarge(code))
      ),
      share
    ),
    h(
      'details',
      { class: 'options' },
      h('summary', {}, 'The printed sheet'),
      h('div', { class: 'fields' }, names.root, card.root, note.root)
    ),
    h('details', { class: 'options' }, h('summary', {}, 'The paper as text'), uri)
  );
  root.hidden = true;

  /** Lay the sheet that will be printed, so that the browser's own print command works as well. */
  function lay(): void {
    const place = document.querySelector('.print-root');
    if (place === null) return;
    if (shown === undefined) {
      place.replaceChildren();
      return;
    }
    const { identity } = app.session;
    place.replaceChildren(
      printSheet({
        code: shown.code,
        mm: shown.mm,
        uri: shown.paper.uri,
        destinationHash: shown.paper.destinationHash,
        timestamp: shown.paper.timestamp,
        recipient: named ? shown.recipient : undefined,
        note: note.control.value.trim(),
        card: withCard && identity !== undefined ? contactCard(identity) : undefined,
        page: publicAddress(),
      })
    );
  }

  return {
    root,
    show(paper, recipient, mm) {
      const same = paper !== undefined && shown?.paper === paper;
      shown = paper === undefined ? undefined : { paper, recipient, mm, code: encodeQr(paper.uri) };
      root.hidden = shown === undefined;
      if (shown !== undefined && !same) {
        const { code } = shown;
        heading.textContent = `For ${recipient}`;
        fill(picture, drawnCode(code));
        facts.textContent =
          `QR version ${code.version}, ${code.size} × ${code.size} modules, error correction ${code.level}` +
          `${code.level === 'L' ? '' : ', raised because there was room'}. ` +
          `${integer(shown.paper.sealed)} bytes, ${integer(shown.paper.uri.length)} characters.`;
        uri.value = shown.paper.uri;
      }
      lay();
    },
    resize(mm) {
      if (shown === undefined) return;
      shown.mm = mm;
      lay();
    },
    focus() {
      heading.focus({ preventScroll: true });
      root.scrollIntoView({ block: 'nearest' });
    },
  };
}

function drawnCode(code: QrCode): SVGElement {
  return svgFrom(qrToSvg(code, { title: 'QR code of the paper message' }));
}

/** The code as large as the screen, for another device to scan. */
function enlarge(code: QrCode): void {
  const close = button('Close', 'close', 'plain', () => dialog.close());
  const dialog = h(
    'dialog',
    { class: 'large', 'aria-label': 'The code, enlarged' },
    h('div', { class: 'code' }, drawnCode(code)),
    close
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** Where others find this page, unless that is a file or this very machine. */
function publicAddress(): string | undefined {
  const { protocol, hostname, href } = location;
  const own =
    hostname === 'localhost' || hostname.endsWith('.localhost') || /^127\.|^\[/.test(hostname);
  return protocol === 'https:' && !own ? linkTo(href, '').replace(/#$/, '') : undefined;
}

function fileName(recipient: string): string {
  return `paper for ${recipient} ${dayStamp(Date.now())}`;
}

async function sharePicture(app: App, paper: Paper): Promise<void> {
  const bytes = new Uint8Array(qrToPng(encodeQr(paper.uri)));
  const file = new File([bytes], 'paper.png', { type: 'image/png' });
  const data = { files: [file] };
  try {
    await navigator.share(navigator.canShare?.(data) ? data : { text: paper.uri });
  } catch (error) {
    // Closing the share sheet is no failure.
    if (error instanceof DOMException && error.name === 'AbortError') return;
    app.news.say('The browser could not share it.');
  }
}
