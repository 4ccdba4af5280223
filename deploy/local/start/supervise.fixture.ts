import { createServer } from 'node:http'
import { listen } from '@micropay/runtime/listen'

/**
 * A service that goes on after SIGTERM, as an owner that drains does, until it is asked for /end, or its parent is
 * gone.
 */
process.on('SIGTERM', () => undefined)
process.on('disconnect', () => process.exit(0))
const server = createServer((request, response) => {
  if (process.env.NOT_READY && request.url === '/health/ready') {
    response.statusCode = 503
    return response.end(JSON.stringify({ status: 'not ready', reason: process.env.NOT_READY }))
  }
  response.end(String(process.pid))
  if (request.url === '/end') process.exit(0)
})
if (process.env.SAYS_LAST) {
  process.stdout.write(`${process.env.SAYS_LAST}\n`)
  process.exit(1)
}
await listen(
  {
    ready: async () => undefined,
    listen: (options) => new Promise((resolve) => server.listen(options, () => resolve('here'))),
  },
  { PORT: Number(process.env.PORT), HOST: '127.0.0.1' },
)
