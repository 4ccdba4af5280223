const MOST_CHARACTERS = 2000

/** Where to go after signing in: the path asked for if it stays on this site and outside /session, or else `/`. */
export function returnPathOf(asked: unknown, publicUrl: URL): string {
  if (typeof asked !== 'string' || asked.length > MOST_CHARACTERS || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(asked))
    return '/'
  const target = new URL(asked, publicUrl)
  if (target.origin !== publicUrl.origin || /^\/+session(\/|$)/i.test(target.pathname)) return '/'
  const path = `${target.pathname}${target.search}${target.hash}`
  return path.startsWith('//') ? '/' : path
}
