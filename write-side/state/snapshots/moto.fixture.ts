import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { freePort } from '@micropay/local/stores/free-port'
import { S3mini } from 's3mini'
import type { ObjectStoreSettings } from './open-object-store.ts'

const run = promisify(execFile)

/** As PyPI has it. */
const MOTO = { version: '5.2.5', others: ['flask==3.1.3', 'flask-cors==6.0.5'] }
const user = { accessKeyId: 'test', secretAccessKey: 'test-secret', region: 'eu-central-1' }

/** A server that speaks S3's protocol, which ends with the process. */
export async function startMoto(): Promise<Moto> {
  const python = await motoPython()
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

/** A Python of its own in the cache of the user, made once. */
async function motoPython(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const directory = join(cache, 'micropay', `moto-${MOTO.version}`)
  const python = join(directory, 'bin', 'python')
  if (existsSync(python)) return python
  await mkdir(join(cache, 'micropay'), { recursive: true })
  const making = `${directory}-${process.pid}`
  await run('python3', ['-m', 'venv', making])
  const wanted = [`moto[s3]==${MOTO.version}`, ...MOTO.others]
  await run(join(making, 'bin', 'python'), ['-m', 'pip', 'install', '-q', ...wanted], { timeout: 300_000 })
  await rename(making, directory).catch(() => rm(making, { recursive: true, force: true }))
  return python
}
