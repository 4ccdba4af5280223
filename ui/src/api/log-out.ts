import type { Client } from './client.ts'

export function logOut(client: Client): Promise<void> {
  return client.post('/session/logout')
}
