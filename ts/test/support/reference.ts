/**
 * Which running reference programs a live test talked to; the evidence names them with version.
 * @module
 */
const used = new Set<string>();

/** Record that the current test exchanged bytes with a running reference, for example `rns 1.5.7`. */
export function usesReference(nameAndVersion: string): void {
  used.add(nameAndVersion);
}

/** References named since the last reset, sorted. */
export function referencesUsed(): string[] {
  return [...used].sort();
}

/** Forget the names; the suite calls it before each test. */
export function resetReferences(): void {
  used.clear();
}
