/** Pictures fetched and decoded before they are shown. */

const held = new Map<string, HTMLImageElement>();

/** Fetches these pictures and forgets those of before, which have been shown by now. */
export function preload(addresses: readonly string[]): void {
  for (const address of held.keys()) if (!addresses.includes(address)) held.delete(address);
  for (const address of addresses) {
    if (held.has(address)) continue;
    const image = new Image();
    image.src = address;
    held.set(address, image);
    // A picture that cannot be fetched now is asked for again, and complained about, when shown.
    image.decode().catch(() => held.delete(address));
  }
}
