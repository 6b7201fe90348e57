/** `netify.google-chat` and `google-chat` are the application `google-chat`; '' is none. */
export function nameOfTag(tag: string): string {
  const bare = tag.toLowerCase().replace(/^netify\./, '')
  const name = bare.replaceAll(/[^a-z0-9-]+/g, '-').replaceAll(/^-+|-+$/g, '')
  return name.slice(0, 64)
}
