import pg from 'pg'
import type { Ground } from './ground.ts'
import type { Service } from './processes.ts'
import { type Measure, pause } from './report.ts'
import { type ModelName, modelDatabase, startProjection } from './services.ts'
import { settle } from './settle.ts'

/**
 * Follows a filled log from its beginning, live and as a rebuild, beside the floor: the same rows by COPY into bare
 * tables, in text as dumps are. Beside it stand the same rows in binary, as projections write them, and with the
 * indexes of the read model.
 */
export async function benchProjection(
  ground: Ground,
  model: ModelName,
): Promise<{ measures: Measure[]; projection: Service }> {
  const token = await ground.token('sam')
  const started = performance.now()
  const projection = await startProjection(ground, model)
  const records = await untilCaughtUp(projection, token)
  const liveSeconds = (performance.now() - started) / 1000
  const databaseUrl = await modelDatabase(ground, model)
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await settle(databaseUrl)
    const { textSeconds, binarySeconds, indexSeconds } = await loadRows(client)
    await settle(databaseUrl)
    const rebuildSeconds = await rebuild(projection, model, token)
    // What is measured next is on the same server: the next read model, and at last what is visible in each.
    await settle(databaseUrl)
    const measured = (name: string, seconds: number): Measure => ({
      name: `${model}: ${name}`,
      perSecond: records / seconds,
      ofFloor: textSeconds / seconds,
      floor: 'the same rows by COPY',
    })
    return {
      projection,
      measures: [
        measured('floor, the rows of all its tables by COPY without indexes', textSeconds),
        measured('the same in binary', binarySeconds),
        measured('the same in binary, and then all indexes, one after the other', binarySeconds + indexSeconds),
        measured('from the beginning, live, with all indexes', liveSeconds),
        measured('rebuild beside the live version, indexes and switch included', rebuildSeconds),
      ],
    }
  } finally {
    await client.end()
  }
}

type LoadSeconds = { readonly textSeconds: number; readonly binarySeconds: number; readonly indexSeconds: number }

/**
 * Every row of the live version, out to files of the server and into tables of their own, one after the other,
 * and then the indexes of each.
 */
async function loadRows(client: pg.Client): Promise<LoadSeconds> {
  const live = await client.query(`select schema_name from projection.version where state = 'live'`)
  const schema = live.rows[0].schema_name
  const tables = await client.query('select tablename from pg_tables where schemaname = $1', [schema])
  const indexes = await client.query('select tablename, indexdef from pg_indexes where schemaname = $1', [schema])
  await client.query(`set maintenance_work_mem = '256MB'`)
  const secondsOf = async (statement: string) => {
    const started = performance.now()
    await client.query(statement)
    return (performance.now() - started) / 1000
  }
  const copied = async (tablename: string, format: 'text' | 'binary') => {
    const file = `/tmp/micropay-floor-${process.pid}-${tablename}`
    await client.query(`drop table if exists floor.${tablename}`)
    await client.query(`create table floor.${tablename} (like ${schema}.${tablename})`)
    await client.query(`copy ${schema}.${tablename} to '${file}' (format ${format})`)
    const seconds = await secondsOf(`copy floor.${tablename} from '${file}' (format ${format})`)
    await client.query(`copy (select 1) to program 'rm ${file}'`)
    return seconds
  }
  let [textSeconds, binarySeconds, indexSeconds] = [0, 0, 0]
  await client.query('create schema floor')
  for (const { tablename } of tables.rows) {
    textSeconds += await copied(tablename, 'text')
    binarySeconds += await copied(tablename, 'binary')
    for (const index of indexes.rows.filter((one) => one.tablename === tablename)) {
      indexSeconds += await secondsOf(index.indexdef.replace(` ON ${schema}.`, ' ON floor.'))
    }
    await client.query(`drop table floor.${tablename}`)
  }
  await client.query('drop schema floor')
  return { textSeconds, binarySeconds, indexSeconds }
}

/** Each look is some queries, beside what is measured. */
const LOOK_EVERY_MS = 200

/** Seconds from the order to the switch. */
export async function rebuild(projection: Service, model: ModelName, token: string): Promise<number> {
  const started = performance.now()
  const answer = await fetch(`${projection.url}/v1/projections/${model}/rebuild`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  })
  if (answer.status !== 202) throw new Error(`the rebuild was not taken: ${answer.status} ${await answer.text()}`)
  const { schema } = await answer.json()
  for (;;) {
    const states = await versionsOf(projection, token)
    const version = states.find((item) => item.schema === schema)
    if (version?.state === 'live') return (performance.now() - started) / 1000
    if (!version) throw new Error(`the rebuild of ${model} failed: its log says why`)
    await pause(LOOK_EVERY_MS)
  }
}

/** How many records the live version has when it has them all. */
export async function untilCaughtUp(projection: Service, token: string): Promise<number> {
  for (;;) {
    const live = (await versionsOf(projection, token)).find((item) => item.state === 'live')
    if (live?.lagRecords === 0 && live.position !== '0:0') return live.appliedRecords
    await pause(LOOK_EVERY_MS)
  }
}

type Version = {
  readonly schema: string
  readonly state: string
  readonly position: string
  readonly lagRecords: number | null
  readonly appliedRecords: number
}

async function versionsOf(projection: Service, token: string): Promise<Version[]> {
  const answer = await fetch(`${projection.url}/v1/projections`, { headers: { authorization: `Bearer ${token}` } })
  const { items } = await answer.json()
  return items
}
