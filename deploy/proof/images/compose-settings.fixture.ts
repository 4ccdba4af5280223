import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@micropay/local/running'

export type ComposeSettings = {
  /** What `make-env.sh` drew. */
  readonly drawn: Readonly<Record<string, string>>
  /** The variables in a block of docker-compose.yml itself, such as `x-log` or `  kafka`, with what was drawn. */
  environmentOf(block: string): Readonly<Record<string, string>>
}

/** What docker-compose.yml gives its containers, for who runs what is in them without Docker. */
export function composeSettings(): ComposeSettings {
  const compose = readFileSync(join(repositoryRoot, 'docker-compose.yml'), 'utf8')
  const made = execFileSync('sh', [join(repositoryRoot, 'deploy/images/make-env.sh')], { encoding: 'utf8' })
  const drawn = Object.fromEntries(
    [...made.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
  const filled = (text: string) =>
    text.replace(
      /\$\{([A-Z_]+)(?::-([^}]*)|:\?[^}]*)?\}/g,
      (_, name: string, otherwise = '') => drawn[name] ?? otherwise,
    )
  return {
    drawn,
    environmentOf(name) {
      const block = new RegExp(`^${name}:.*\\n((?:${/^ */.exec(name)?.[0]}  .*\\n|\\n)+)`, 'm').exec(compose)?.[1] ?? ''
      const lines = [...block.matchAll(/^ +([A-Z_]+): (?:&\S+ )?"?([^"\n]*)"?$/gm)]
      return Object.fromEntries(lines.map(([, variable = '', value = '']) => [variable, filled(value)]))
    },
  }
}
