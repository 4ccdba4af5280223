import { z } from 'zod'
import { attacks } from './attacks.ts'

/** A process of its own, so that what it does is not measured as what others wait. */
process.once('message', (message) => {
  const { name, ...attacker } = z.object({ name: z.string(), url: z.string(), token: z.string() }).parse(message)
  void attacks.find((attack) => attack.name === name)?.hold(attacker)
})
process.once('disconnect', () => process.exit())
