/** Work that is done again and again while somebody looks. */

/**
 * Calls `work` now and then every so often while the page is visible; returns what ends that.
 *
 * The next call waits for the one before, so that a slow server is not asked twice at a time.
 */
export function whileVisible(work: () => Promise<void>, milliseconds: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let working = false;
  let over = false;

  async function turn(): Promise<void> {
    clearTimeout(timer);
    if (over || working || document.hidden) return;
    working = true;
    try {
      await work();
    } finally {
      working = false;
      if (!over) timer = setTimeout(() => void turn(), milliseconds);
    }
  }

  const look = (): void => void turn();
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    over = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  };
}
