import { z } from 'zod'

/** Who gave a command: the token's subject, the client that it was issued to. */
export const Actor = z.object({ subject: z.string(), client: z.string() })
export type Actor = z.infer<typeof Actor>
