/** The page's policy takes styles that carry its nonce only. */

export function pageNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
}

/** antd passes it on to most of the styles that it makes, but not to those that hold a page behind a dialogue still. */
export function giveStylesTheNonce(): void {
  const nonce = pageNonce();
  if (!nonce) return;
  const make = document.createElement.bind(document);
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const made = make(name, options);
    if (name.toLowerCase() === "style") made.nonce = nonce;
    return made;
  }) as typeof document.createElement;
}
