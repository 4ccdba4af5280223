import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { systemClock } from './clock.ts'
import { closeWithin } from './close-within.ts'
import { drain } from './drain.ts'
import { buildHttp } from './http.ts'
import { createLogger } from './logger.ts'
import { TokenError } from './verify-token.ts'

/** Answers once told to; `sends` first sends a part of its answer, with the headers. */
async function slowApp() {
  const app = await buildHttp({
    log: createLogger('test', 'silent'),
    title: 'Test',
    verifyToken: async () => {
      throw new TokenError('send a token')
    },
  })
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  app.get('/waits', async () => {
    asked.resolve()
    await answer.promise
    return { ok: true }
  })
  app.get('/sends', async (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/plain' })
    reply.raw.write('begun, ')
    asked.resolve()
    await answer.promise
    reply.raw.end('and ended')
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return { app, url, asked: asked.promise, answer: answer.resolve }
}

for (const path of ['/waits', '/sends'] as const) {
  test(`an app has closed once what ${path} was answered, though its caller keeps the connection`, async (context) => {
    const { app, url, asked, answer } = await slowApp()
    const agent = new Agent({ keepAlive: true })
    context.after(() => agent.destroy())
    const text = textOf(`${url}${path}`, agent)
    await asked
    const closed = app.close()
    while (app.server.listening) await systemClock.turn()
    answer()
    assert.equal(await text, path === '/waits' ? '{"ok":true}' : 'begun, and ended')
    const inTime = await Promise.race([closed.then(() => true), systemClock.sleep(2_000).then(() => false)])
    assert.ok(inTime, 'a connection with nothing on it is waited for')
  })
}

test('an app that is to close in time waits neither for an answer nor for who asks nothing', async () => {
  const { app, url, asked } = await slowApp()
  const silent = connect(Number(new URL(url).port), '127.0.0.1').resume()
  await once(silent, 'connect')
  const hungUp = assert.rejects(textOf(`${url}/waits`, new Agent({ keepAlive: true })))
  await asked
  const sinceMs = systemClock.monotonicMs()
  await closeWithin(app, 200, systemClock)
  const tookMs = systemClock.monotonicMs() - sinceMs
  assert.ok(tookMs >= 190 && tookMs < 2_000, `it took ${tookMs} ms`)
  await hungUp
  silent.destroy()
})

test('an app that drains is not ready, and answers as ever, each time for the last time on a connection', async () => {
  const { app, url } = await slowApp()
  const idle = drain(app, systemClock)
  const [ready, answer] = [await fetch(`${url}/health/ready`), await fetch(`${url}/health/live`)]
  assert.deepEqual(
    [ready.status, await ready.json()],
    [503, { status: 'not ready', reason: 'this service is shutting down' }],
  )
  assert.deepEqual([answer.status, answer.headers.get('connection')], [200, 'close'])
  await idle
  await app.close()
})

function textOf(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve(text)).on('error', reject)
    }).on('error', reject)
  })
}
