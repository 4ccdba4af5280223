import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { logEnvironment, openEventLog } from '@micropay/event-log/open-event-log'
import { copyDependencies, kafkaVersion } from '@micropay/local/stores/kafka-runtime'
import { createLogger } from '@micropay/runtime/logger'
import pg from 'pg'
import { z } from 'zod'
import type { Ground } from './ground.ts'
import type { Measure } from './report.ts'

const run = promisify(execFile)
const RECORDS = 400_000
/** Of them, while the JVM is still cold. */
const WARM_UP = 100_000

/**
 * The bytes of real records as fast as the log alone takes them: by kafka-producer-perf-test into the same broker, or
 * by COPY into a bare table.
 */
export async function benchLogFloor(ground: Ground): Promise<Measure> {
  const file = join(ground.directory, 'records')
  await writeFile(file, await someRecords(ground))
  try {
    return ground.log === 'kafka' ? await producerPerformance(ground, file) : await copyPerformance(ground, file)
  } finally {
    await rm(file)
  }
}

const SAMPLE = 20_000

/** Commits as they stand in the log, a line each: their JSON holds no line break. */
async function someRecords(ground: Ground): Promise<string> {
  const config = z.object(logEnvironment).parse(ground.environment)
  const log = openEventLog(config, createLogger('bench', 'error'))
  const enough = new AbortController()
  const lines: string[] = []
  for await (const records of log.read(0, 2_000n, { signal: enough.signal })) {
    for (const { value } of records) lines.push(Buffer.from(value).toString())
    if (lines.length >= SAMPLE) enough.abort()
  }
  await log.close()
  return lines.join('\n')
}

/** acks=all as the ledger has it, in batches of up to 1 MB, which the ledger's largest appends come to. */
async function producerPerformance({ brokers }: Ground, file: string): Promise<Measure> {
  const version = await kafkaVersion()
  const folder = import.meta.dirname
  const jars = join(folder, '..', '.cache', 'kafka-tools', version)
  if (!existsSync(jars)) await copyDependencies(join(folder, 'kafka-tools', 'pom.xml'), version, jars)
  const servers = brokers.join(',')
  const java = (main: string, ...args: string[]) => run('java', ['-Xmx512m', '-cp', join(jars, '*'), main, ...args])
  const topic = `floor-${process.pid}`
  await java(
    'org.apache.kafka.tools.TopicCommand',
    ...['--bootstrap-server', servers, '--create', '--topic', topic, '--partitions', '1'],
  )
  const { stdout } = await java(
    'org.apache.kafka.tools.ProducerPerformance',
    ...['--bootstrap-server', servers, '--topic', topic, '--num-records', String(RECORDS), '--throughput', '-1'],
    ...[
      '--warmup-records',
      String(WARM_UP),
      '--payload-file',
      file,
      '--command-property',
      'acks=all',
      'batch.size=1000000',
      'linger.ms=5',
    ],
  )
  const perSecond = /([0-9.]+) records\/sec/.exec(stdout.trim().split('\n').at(-1) ?? '')?.[1]
  if (perSecond === undefined) throw new Error(`kafka-producer-perf-test told no rate:\n${stdout}`)
  return { name: 'floor: the same records by kafka-producer-perf-test, acks=all', perSecond: Number(perSecond) }
}

async function copyPerformance(ground: Ground, file: string): Promise<Measure> {
  const client = new pg.Client({ connectionString: await ground.databaseUrl('micropay_log') })
  await client.connect()
  try {
    await client.query('create table floor_record (value text not null)')
    const started = performance.now()
    let records = 0
    while (records < RECORDS) {
      // A quote that no JSON of ours holds, so that lines are taken as they are.
      const copied = await client.query(
        `copy floor_record from '${file}' (format csv, delimiter E'\\x01', quote E'\\x02')`,
      )
      records += copied.rowCount ?? 0
    }
    const perSecond = records / ((performance.now() - started) / 1000)
    await client.query('drop table floor_record')
    return { name: 'floor: the same records by COPY', perSecond }
  } finally {
    await client.end()
  }
}
