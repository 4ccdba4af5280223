import pg from 'pg'
import type { Ground } from './ground.ts'
import type { Service } from './processes.ts'
import { type Measure, pause } from './report.ts'
import { type ModelName, modelDatabase, startProjection } from './services.ts'

/** Follows a filled log from its beginning, live and as a rebuild, beside the floor: the same rows by COPY into bare tables. */
export async function benchProjection(
  ground: Ground,
  model: ModelName,
): Promise<{ measures: Measure[]; projection: Service }> {
  const token = await ground.token('sam')
  const started = performance.now()
  const projection = await startProjection(ground, model)
  const records = await untilCaughtUp(projection, token)
  const liveSeconds = (performance.now() - started) / 1000
  const client = new pg.Client({ connectionString: await modelDatabase(ground, model) })
  await client.connect()
  try {
    const copySeconds = await copyRows(client)
    const rebuildSeconds = await rebuild(projection, model, token)
    const measured = (name: string, seconds: number): Measure => ({
      name: `${model}: ${name}`,
      perSecond: records / seconds,
      ofFloor: copySeconds / seconds,
      floor: 'the same rows by COPY',
    })
    return {
      projection,
      measures: [
        measured('floor, the rows of all its tables by COPY without indexes', copySeconds),
        measured('from the beginning, live, with all indexes', liveSeconds),
        measured('rebuild beside the live version, indexes and switch included', rebuildSeconds),
      ],
    }
  } finally {
    await client.end()
  }
}

/** Every row of the live version, out to files of the server and into tables without an index, one after the other. */
async function copyRows(client: pg.Client): Promise<number> {
  const live = await client.query(`select schema_name from projection.version where state = 'live'`)
  const schema = live.rows[0].schema_name
  const tables = await client.query('select tablename from pg_tables where schemaname = $1', [schema])
  let seconds = 0
  for (const { tablename } of tables.rows) {
    const file = `/tmp/micropay-floor-${process.pid}-${tablename}`
    await client.query(`create table public.floor_${tablename} (like ${schema}.${tablename})`)
    await client.query(`copy ${schema}.${tablename} to '${file}'`)
    const started = performance.now()
    await client.query(`copy public.floor_${tablename} from '${file}'`)
    seconds += (performance.now() - started) / 1000
    await client.query(`drop table public.floor_${tablename}`)
    await client.query(`copy (select 1) to program 'rm ${file}'`)
  }
  return seconds
}

async function rebuild(projection: Service, model: ModelName, token: string): Promise<number> {
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
    await pause(50)
  }
}

/** How many records the live version has when it has them all. */
async function untilCaughtUp(projection: Service, token: string): Promise<number> {
  for (;;) {
    const live = (await versionsOf(projection, token)).find((item) => item.state === 'live')
    if (live?.lagRecords === 0 && live.position !== '0:0') return live.appliedRecords
    await pause(50)
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
