import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const usualPlaces = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/**
 * The path of a Chromium for the end-to-end tests: CHROMIUM, else one on the machine, else one installed by apt when we
 * are root.
 */
export function findChromium(): string {
  const given = process.env.CHROMIUM
  if (given) {
    if (existsSync(given)) return given
    throw new Error(`CHROMIUM names ${given}, which does not exist`)
  }
  const found = installed() ?? (installByApt() ? installed() : undefined)
  if (found) return found
  throw new Error(
    'The end-to-end tests need Chromium. Install it (Debian: apt-get install chromium; macOS: brew install --cask google-chrome) ' +
      'or set CHROMIUM to the path of a Chromium or Chrome.',
  )
}

function installed(): string | undefined {
  for (const name of names) {
    const { status, stdout } = spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' })
    if (status === 0) return stdout.trim()
  }
  return usualPlaces.find((path) => existsSync(path))
}

function installByApt(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false
  process.stdout.write('Installing Chromium by apt-get, once\n')
  const apt = (...args: string[]) =>
    spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  apt('update', '-qq')
  return apt('install', '-y', '-qq', '--no-install-recommends', 'chromium').status === 0
}
