import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export type Compose = (...args: string[]) => Promise<string>

const run = promisify(execFile)

/**
 * `docker compose` on these files of the repository, or the older `docker-compose`; throws an Error with what it
 * said, or with what is missing here.
 */
export async function composeOf(settings: {
  readonly directory: string
  readonly project: string
  readonly environmentFile: string
  readonly files: readonly string[]
}): Promise<Compose> {
  const [program, ...first] = await findCompose()
  const { directory, project, environmentFile, files } = settings
  const named = files.flatMap((file) => ['--file', file])
  const always = [...first, ...named, '--project-name', project, '--env-file', environmentFile]
  return async (...args) => {
    const command = [...always, ...args]
    try {
      const { stdout } = await run(program, command, { cwd: directory, maxBuffer: 64 << 20 })
      return stdout
    } catch (cause) {
      const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause)
      throw new Error(`${program} ${args.join(' ')} failed:\n${said.slice(-8000)}`, { cause })
    }
  }
}

async function findCompose(): Promise<readonly [string, ...string[]]> {
  if (!(await answers('docker', 'info'))) {
    throw new Error('a Docker engine is needed, and `docker info` does not answer: install or start one')
  }
  if (await answers('docker', 'compose', 'version')) return ['docker', 'compose']
  if (await answers('docker-compose', 'version')) return ['docker-compose']
  throw new Error('Compose is needed: neither `docker compose version` nor `docker-compose version` answers')
}

/** What a container of the project ended with; undefined while it runs. */
export async function exitCodes(compose: Compose): Promise<ReadonlyMap<string, number>> {
  const ids = (await compose('ps', '--all', '--quiet')).split('\n').filter((id) => id !== '')
  const format = '{{index .Config.Labels "com.docker.compose.service"}} {{.State.Status}} {{.State.ExitCode}}'
  const { stdout } = await run('docker', ['inspect', '--format', format, ...ids])
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
  return new Map(
    rows.flatMap(([service = '', status, code]) => (status === 'exited' ? [[service, Number(code)] as const] : [])),
  )
}

function answers(program: string, ...args: string[]): Promise<boolean> {
  return run(program, args).then(
    () => true,
    () => false,
  )
}
