/** The policy under which the page runs, as header and in the page itself. @module */

/** What a policy lets run besides the page's own files. */
export interface PolicyOptions {
  /** Whether WebAssembly may be compiled; without it the TypeScript engines run. */
  readonly wasm?: boolean;
  /** Sources of a single-file page: hashes of its inline script and style. */
  readonly inline?: { readonly script: string; readonly style: string };
}

/**
 * The content security policy: nothing but the page's own files, no other origin at all.
 * @see W3C Content Security Policy Level 3
 */
export function contentPolicy(options: PolicyOptions = {}): string {
  const { inline } = options;
  const own = inline === undefined ? "'self'" : undefined;
  const wasm = options.wasm === false ? '' : " 'wasm-unsafe-eval'";
  const directives: Record<string, string> = {
    'default-src': "'none'",
    'script-src': `${own ?? inline?.script}${wasm}`,
    'style-src': `${own ?? inline?.style}`,
    'img-src': own === undefined ? 'blob: data:' : `${own} blob: data:`,
    'media-src': own === undefined ? 'blob:' : `${own} blob:`,
    'worker-src': own ?? 'blob:',
    'connect-src': own ?? "'none'",
    'manifest-src': own ?? "'none'",
    'base-uri': "'none'",
    'form-action': "'none'",
  };
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');
}

/** The header fields that go with every file of the page. */
export function pageHeaders(options: PolicyOptions = {}): Readonly<Record<string, string>> {
  return {
    'content-security-policy': contentPolicy(options),
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(self), microphone=(), geolocation=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // The service worker keeps the files; the server is asked whether they are still the same.
    'cache-control': 'no-cache',
  };
}
