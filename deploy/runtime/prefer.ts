/**
 * The preferences of a request, by their names (RFC 7240). Those that are unknown or malformed are ignored, as it asks.
 */
export function preferencesOf(header: string | string[] | undefined): Map<string, string> {
  const preferences = new Map<string, string>()
  for (const part of String(header ?? '').split(/[,;]/)) {
    const [name = '', value = ''] = part.split('=')
    const key = name.trim().toLowerCase()
    if (key && !preferences.has(key))
      preferences.set(
        key,
        value
          .trim()
          .replace(/^"(.*)"$/, '$1')
          .toLowerCase(),
      )
  }
  return preferences
}
