/** Which page is shown: the address in the browser's bar, and what changes it. */

export type Parameters = Record<string, string>;

/** Addresses that are the server's own and no pages. */
const SERVED = /^\/(api|pictures|static|from)(\/|$)/;

/**
 * Returns what the placeholders of a pattern stand for in a path, or null where it does not fit.
 *
 * @example matchPath("/join/:token", "/join/abc") // { token: "abc" }
 */
export function matchPath(pattern: string, path: string): Parameters | null {
  const wanted = pattern.split("/");
  const given = path.replace(/(.)\/$/, "$1").split("/");
  if (wanted.length !== given.length) return null;
  const found: Parameters = {};
  for (const [place, part] of wanted.entries()) {
    const value = given[place] ?? "";
    if (part.startsWith(":")) {
      if (!value) return null;
      found[part.slice(1)] = decoded(value);
    } else if (part !== value) return null;
  }
  return found;
}

/** A part of an address as text; one that is broken stays as it is and fits nothing on the server. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

class Router {
  path = $state(location.pathname);
  query = $state(location.search);
  /** How often another page was opened since the first. */
  moves = $state(0);
  /**
   * Keeps the address in the browser's bar as it is. In another site's frame only one address may
   * be shown, and loading that again must not fail.
   */
  pinned = false;

  /** Shows another page of this app. */
  go(to: string, options: { replace?: boolean } = {}): void {
    if (this.pinned) this.show(new URL(to, location.href));
    else {
      history[options.replace ? "replaceState" : "pushState"](null, "", to);
      this.show(location);
    }
    scrollTo(0, 0);
  }

  /** Takes over the clicks on links to pages of this app; returns what ends that. */
  listen(): () => void {
    const read = (): void => this.show(location);
    const click = (event: MouseEvent): void => this.follow(event);
    addEventListener("popstate", read);
    document.addEventListener("click", click);
    return () => {
      removeEventListener("popstate", read);
      document.removeEventListener("click", click);
    };
  }

  private show(address: Pick<URL, "pathname" | "search">): void {
    this.path = address.pathname;
    this.query = address.search;
    this.moves += 1;
  }

  private follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest("a");
    if (!link || link.target || link.hasAttribute("download")) return;
    const address = new URL(link.href, location.href);
    if (address.origin !== location.origin || SERVED.test(address.pathname)) return;
    if (address.hash && address.pathname === location.pathname) return;
    event.preventDefault();
    this.go(address.pathname + address.search + address.hash);
  }
}

export const router = new Router();
