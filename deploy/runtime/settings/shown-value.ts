/** Whose values nobody is shown; by which algorithms tokens are signed is none of them. */
const isSecret = (name: string) =>
  /(SECRET|PASSWORD|TOKEN)(_|$)|_KEY(_ID)?$|_OTLP_HEADERS$/.test(name) && !name.endsWith('_ALGORITHMS')

/**
 * A value as people may see it: of a secret only how many keys it is, of an address no user and no password. What
 * cannot be told apart from a password is hidden, too.
 */
export function shownValue(name: string, value: string): string {
  if (isSecret(name)) {
    const keys = value.split(/\r?\n/).filter((line) => line !== '').length
    return keys > 1 ? `(secret, ${keys} keys)` : '(secret)'
  }
  return value
    .replace(/:\/\/.*@/s, '://…@')
    .replace(/([?&;](?:[a-z_]*(?:password|secret|token|key))=)[^&;\s]*/gi, '$1…')
}
