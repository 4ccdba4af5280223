import { spawn } from 'node:child_process'
import type { TestContext } from 'node:test'
import { freePort } from '@micropay/local/stores/free-port'
import { pythonWith } from '@micropay/local/stores/python-packages.fixture'
import { S3mini } from 's3mini'
import type { ObjectStoreSettings } from './open-object-store.ts'

/** As PyPI has it. */
const MOTO = { version: '5.2.5', others: ['flask==3.1.3', 'flask-cors==6.0.5'] }
const user = { accessKeyId: 'test', secretAccessKey: 'test-secret', region: 'eu-central-1' }

/** A server that speaks S3's protocol, which ends with the process. */
export async function startMoto(): Promise<Moto> {
  const python = await pythonWith(`moto-${MOTO.version}`, [`moto[s3]==${MOTO.version}`, ...MOTO.others])
  const port = await freePort()
  const server = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  const stop = () => void server.kill('SIGKILL')
  process.once('exit', stop)
  const endpoint = `http://127.0.0.1:${port}`
  await untilAnswers(endpoint)
  let buckets = 0
  return {
    endpoint,
    stop,
    async bucket(_context) {
      buckets += 1
      const settings = { ...user, endpoint: `${endpoint}/bucket-${process.pid}-${buckets}` }
      await new S3mini(settings).createBucket()
      return { kind: 's3', ...settings, prefix: `prefix-${buckets}` }
    },
  }
}

export type Moto = {
  readonly endpoint: string
  bucket(context: TestContext): Promise<ObjectStoreSettings & { readonly kind: 's3' }>
  stop(): void
}

async function untilAnswers(endpoint: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await fetch(endpoint)
      return
    } catch (error) {
      if (tries === 300) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
