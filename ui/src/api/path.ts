/**
 * A path with the query parameters that are set, in the order given. An empty text is set, too: it asks for what has no
 * name.
 */
export function pathWith(path: string, parameters: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) search.set(name, String(value))
  }
  return search.size === 0 ? path : `${path}?${search}`
}
