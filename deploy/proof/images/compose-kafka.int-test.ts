import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import type { EventLog, LogError } from '@micropay/event-log/event-log'
import { numbered, plain } from '@micropay/event-log/fresh-log.fixture'
import { appendTo, readRecords } from '@micropay/event-log/log-reading.fixture'
import { logEnvironment, openEventLog, openInbox } from '@micropay/event-log/open-event-log'
import { startIssuing } from '@micropay/local/authority/kept-authority'
import { repositoryRoot } from '@micropay/local/running'
import { freePort } from '@micropay/local/stores/free-port'
import { type GuardedProcess, startGuarded } from '@micropay/local/stores/guarded-process'
import { inJava, kafkaVersion } from '@micropay/local/stores/kafka-runtime'
import { systemClock } from '@micropay/runtime/clock'
import { readConfig } from '@micropay/runtime/config'
import { createLogger } from '@micropay/runtime/logger'
import { z } from 'zod'
import { composeSettings } from './compose-settings.fixture.ts'

const log = createLogger('test', 'silent')
const say = (text: string) => assert.fail(text)

describe('the Kafka broker of Compose, as its script starts it', { timeout: 120_000 }, () => {
  const { environmentOf } = composeSettings()
  let home: string
  let port: number
  let broker: GuardedProcess
  const opened: { close(): Promise<void> }[] = []

  async function issue(): Promise<void> {
    const options = { services: [], stores: ['localhost'], isApart: true, clock: systemClock, say }
    const issuing = await startIssuing({ ...options, directory: join(home, 'certificates') })
    issuing.close()
  }
  async function start(): Promise<void> {
    await rm(join(home, 'own'), { recursive: true, force: true })
    broker = startGuarded({
      ...{ command: 'sh', args: [join(repositoryRoot, 'deploy/images/kafka.sh')], stopSignal: 'TERM' },
      environment: {
        ...{ ...process.env, ...environmentOf('  kafka'), KAFKA_HEAP_OPTS: '-Xmx512m -XX:+UseSerialGC' },
        ...{ BROKER_HOST: 'localhost', BROKER_PORT: String(port), LOOK_EVERY_SECONDS: '0.2' },
        ...{ CONTROLLER_PORT: String(await freePort()), INSIDE_PORT: String(await freePort()) },
        ...{ CERTIFICATES_DIRECTORY: join(home, 'certificates/localhost'), OWN_DIRECTORY: join(home, 'own') },
        ...{ SETTINGS_DIRECTORY: join(repositoryRoot, 'deploy/kafka'), DATA_DIRECTORY: join(home, 'data') },
        KAFKA_LIBS: join(repositoryRoot, '.cache/kafka', await kafkaVersion()),
      },
    })
    let ended: string | undefined
    broker.exited.then(({ lastLines }) => {
      ended = lastLines.join('\n')
    })
    while (!existsSync(join(home, 'own/ready'))) {
      assert.equal(ended, undefined)
      await systemClock.sleep(100)
    }
  }
  const givenTo = (...blocks: string[]) => ({
    ...Object.assign({}, ...blocks.map(environmentOf)),
    ...{ LOG: 'kafka', KAFKA_BROKERS: `localhost:${port}`, KAFKA_CA_FILE: join(home, 'certificates/trusted/ca.crt') },
  })
  const configOf = (...blocks: string[]) => readConfig(z.object(logEnvironment), givenTo(...blocks))
  function open(...blocks: string[]): EventLog {
    const opening = openEventLog(configOf(...blocks), log)
    opened.push(opening)
    return opening
  }

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'micropay-compose-kafka-'))
    await inJava(home, await kafkaVersion(), 'this test runs the script')
    port = await freePort()
    await issue()
    await start()
  })
  after(async () => {
    for (const each of opened) await each.close()
    await broker.stop()
    await rm(home, { recursive: true })
  })

  test('lets the write side write the ledger, and others read it, with what each is given', async () => {
    const main = join(repositoryRoot, 'deploy/cli/log-rights/main.ts')
    const env = { PATH: process.env.PATH, ...givenTo('x-log', '  log-rights') }
    for (let time = 0; time < 2; time += 1) {
      const { stdout } = await promisify(execFile)(process.execPath, [main], { env })
      assert.match(stdout, /the rights on the ledger are there/)
    }
    const writer = open('x-log', '  write-side')
    await writer.prepare(1)
    await appendTo(writer, 0, numbered('written', 3))
    const inbox = openInbox(configOf('x-log', '  write-side'), log)
    opened.push(inbox)
    await inbox.prepare(1)

    const reader = open('x-log', '  audit')
    assert.deepEqual((await readRecords(reader, 0, 0n, 3)).map(plain), numbered('written', 3).map(plain))
    const appender = await reader.openAppender(0)
    await assert.rejects(appender.append(numbered('forged', 1)), (error: LogError) => {
      assert.match(String(error.cause), /not authorized|TOPIC_AUTHORIZATION_FAILED/i)
      return true
    })
    await appender.close()
    assert.equal(await writer.end(0), 3n)
  })

  test('ends when its certificate is a new one, and has its ledger and rights when started again', async () => {
    await rm(join(home, 'certificates/localhost/tls.key'))
    await issue()
    const { lastLines } = await broker.exited
    assert.match(lastLines.join('\n'), /the certificate is a new one/)
    await start()
    assert.equal(await open('x-log', '  write-side').end(0), 3n)
    assert.equal(await open('x-log', '  audit').end(0), 3n)
  })
})
