import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { freePort } from '@micropay/local/stores/free-port'
import { pythonWith } from '@micropay/local/stores/python-packages.fixture'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { openTracing, startLinked, startSpan } from '@micropay/runtime/telemetry/tracing'
import { tracingEnvironment } from '@micropay/runtime/telemetry/tracing-environment'
import { z } from 'zod'

/**
 * Spans that a receiver of another hand takes, Rotel, an OpenTelemetry collector from PyPI: by hand, since it takes
 * Python 3 and a download of some 10 MB. Ends with 1 where it does not take all of them.
 */
const VERSION = '0.0.1a15'
const SPANS = 700
const say = (line: string) => void process.stdout.write(`${line}\n`)

const python = await pythonWith(`rotel-${VERSION}`, [`rotel==${VERSION}`])
const directory = dirname(dirname(python))
const files = await readdir(directory, { recursive: true })
const agent = files.find((path) => path.endsWith('/rotel/rotel-agent')) ?? assert.fail('rotel has no agent')
const [http, grpc] = [await freePort(), await freePort()]
const at = { http: `127.0.0.1:${http}`, grpc: `127.0.0.1:${grpc}` }
const receiver = spawn(join(directory, agent), [
  ...['start', '--otlp-http-endpoint', at.http, '--otlp-grpc-endpoint', at.grpc],
  ...['--exporter', 'blackhole', '--debug-log', 'traces'],
])
let said = ''
receiver.stdout.on('data', (text) => {
  said += text
})
receiver.stderr.on('data', (text) => {
  said += text
})
try {
  await until('it listens', async () =>
    fetch(`http://${at.http}/`).then(
      () => true,
      () => false,
    ),
  )
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://${at.http}`, OTEL_EXPORTER_OTLP_HEADERS: 'x-scope=a%20b' }
  const config = z.object(tracingEnvironment).parse(environment)
  const tracing = await openTracing(config, 'check', createLogger('check', 'warn'))
  const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const attributes = { 'micropay.position': '0:7', 'micropay.waited_ms': 0.5, 'micropay.batch_commits': 3 }
  for (let index = 1; index < SPANS; index += 1) {
    startSpan('append', parent, { attributes })?.end(index % 2 === 0 ? 'it is not known' : undefined)
  }
  startLinked('batch', [parent])?.end()
  await until('it has them', async () => received() === SPANS)
  await tracing.close()
  say(`${SPANS} spans were taken by rotel ${VERSION}`)
} finally {
  receiver.kill('SIGKILL')
}

/** What it says of the spans that it took, between the codes of colours. */
function received(): number {
  const plain = said.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '')
  return [...plain.matchAll(/Received traces\..* spans=([0-9]+)/g)].reduce((sum, [, count]) => sum + Number(count), 0)
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    assert.ok(tries < 200, `not so within 20 s: ${what}\n${said}`)
    await systemClock.sleep(100)
  }
}
