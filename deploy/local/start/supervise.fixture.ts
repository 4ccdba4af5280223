import { createServer } from 'node:http'

/** A service that goes on after SIGTERM, as an owner that drains does, until it is asked for /end, or its parent is gone. */
process.on('SIGTERM', () => undefined)
process.on('disconnect', () => process.exit(0))
createServer((request, response) => {
  response.end()
  if (request.url === '/end') process.exit(0)
}).listen(Number(process.env.PORT), '127.0.0.1')
