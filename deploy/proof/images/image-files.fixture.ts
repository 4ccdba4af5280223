import { execFileSync } from 'node:child_process'
import { cp, mkdir, readFile } from 'node:fs/promises'
import { dirname, join, matchesGlob } from 'node:path'
import { repositoryRoot } from '@micropay/local/running'

export type ImageFiles = {
  /** Copies what the installation begins from: every package.json, and the lock file. */
  copyManifests(to: string): Promise<void>
  /** The command that installs dependencies, for a shell. */
  readonly install: string
  /** Copies the sources that an image holds. */
  copySources(to: string, image?: ImageName): Promise<void>
  /** The same, as paths. */
  readonly sources: (image: ImageName) => readonly string[]
}

/** The image of all services, and those of the development issuer and authority, which begin from it. */
export type ImageName = 'services' | 'issuer' | 'certificates'

/** What deploy/images/Dockerfile copies and installs, read from there to be done without Docker. */
export async function imageFiles(): Promise<ImageFiles> {
  const read = (path: string) => readFile(join(repositoryRoot, path), 'utf8')
  const stages = stagesOf(await read('deploy/images/Dockerfile'))
  const isIgnored = ignoring(await read('.dockerignore'))
  const sent = listed().filter((path) => !isIgnored(path))
  const filesOf = (names: readonly string[]) => {
    const sources = names.flatMap((name) => copiesOf(stages.get(name) ?? ''))
    return sent.filter((path) => sources.some((source) => path === source || path.startsWith(`${source}/`)))
  }
  const copy = async (to: string, paths: readonly string[]) => {
    for (const path of paths) {
      await mkdir(dirname(join(to, path)), { recursive: true })
      await cp(join(repositoryRoot, path), join(to, path))
    }
  }
  const sources = (image: ImageName) => filesOf(['base', image])
  return {
    copyManifests: (to) => copy(to, filesOf(['manifests'])),
    install: /^RUN (.*)$/m.exec(stages.get('dependencies') ?? '')?.[1] ?? '',
    copySources: (to, image = 'services') => copy(to, sources(image)),
    sources,
  }
}

/** The instructions of each stage by its name, each on one line. */
function stagesOf(dockerfile: string): ReadonlyMap<string, string> {
  const stages = dockerfile
    .replace(/\\\n\s*/g, '')
    .split(/^FROM \S+/m)
    .slice(1)
  return new Map(stages.map((stage) => [/^ AS (\S+)/.exec(stage)?.[1] ?? '', stage]))
}

/** What COPY takes from the repository; what it takes from another stage is made there. */
function copiesOf(stage: string): string[] {
  const copies = [...stage.matchAll(/^COPY (?!--from)(.+) \S+$/gm)]
  return copies.flatMap(([, sources = '']) => sources.split(' '))
}

/** Whether a .dockerignore leaves a path out: the last pattern decides that fits the path or a folder above it. */
function ignoring(text: string): (path: string) => boolean {
  const patterns = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return (path) => {
    const parts = path.split('/')
    const within = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
    const last = patterns.findLast((pattern) => within.some((part) => matchesGlob(part, pattern.replace(/^!/, ''))))
    return last !== undefined && !last.startsWith('!')
  }
}

function listed(): string[] {
  const options = { cwd: repositoryRoot, encoding: 'utf8', maxBuffer: 64 << 20 } as const
  const list = (...args: string[]) =>
    execFileSync('git', ['ls-files', '-z', ...args], options)
      .split('\0')
      .filter(Boolean)
  const gone = new Set(list('--deleted'))
  return list('--cached', '--others', '--exclude-standard', '--deduplicate').filter((path) => !gone.has(path))
}
