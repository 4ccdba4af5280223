/** A server's place without who asks it and how: another user or password is the same log. */
export function serverIn(connectionString = ''): string {
  return connectionString
    .replace(/^[^:]*:\/\//, '')
    .replace(/^[^@]*@/, '')
    .replace(/\?.*$/, '')
}
