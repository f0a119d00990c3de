/**
 * What the fragment of the page's address asks for. A fragment never leaves the browser, so a sealed
 * paper or a card may travel in it. @module
 */

/** The parts of the page. */
export const VIEWS = ['write', 'read', 'contacts', 'identity'] as const;

/** One part of the page. */
export type ViewName = (typeof VIEWS)[number];

/** A part to show, or a text that was handed over in the address. */
export type Route =
  | { readonly kind: 'view'; readonly view: ViewName }
  | { readonly kind: 'handed'; readonly text: string };

/** Read `location.hash`. What is neither a view nor an LXMF address shows the first view. */
export function parseRoute(fragment: string): Route {
  const text = decoded(fragment.replace(/^#/, ''));
  const view = VIEWS.find((name) => name === text);
  if (view !== undefined) return { kind: 'view', view };
  // Browsers let a page register schemes that begin with web+ only.
  const uri = text.replace(/^web\+/i, '');
  if (/^lxma?:/i.test(uri)) return { kind: 'handed', text: uri };
  return { kind: 'view', view: 'write' };
}

/** The address of this page with a text in its fragment. */
export function linkTo(page: string, text: string): string {
  return `${page.replace(/[?#].*$/s, '')}#${text}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign: the text is taken as it stands.
    return text;
  }
}
