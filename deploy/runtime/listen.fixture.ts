import { createServer } from 'node:http'
import { closeOnSignal } from './close-on-signal.ts'
import { listen } from './listen.ts'
import { createLogger } from './logger.ts'

/** A service that opens when its parent lets it, and says on standard output what became of that. */
closeOnSignal(createLogger('fixture', 'silent'), async () => undefined)
const server = createServer((_request, response) => response.end('here'))
const app = {
  ready: async () => undefined,
  listen: (options: { port?: number; host?: string }) =>
    new Promise<string>((resolve, reject) => {
      server.once('error', reject)
      server.listen(options, () => resolve('open'))
    }),
}
const outcome = await listen(app, { PORT: Number(process.env.PORT), HOST: '127.0.0.1' }).catch(
  (error: unknown) => `not open: ${error instanceof Error ? error.message : String(error)}`,
)
process.stdout.write(`${outcome}\n`)
