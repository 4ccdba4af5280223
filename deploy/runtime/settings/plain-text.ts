import type { Fault, GivenValue } from './given.ts'

type Given = ReadonlyMap<string, GivenValue>

/** The settings by which a service would listen, or speak, in plain text, and what each should be. */
export function plainTextFaults(service: string, given: Given): readonly Fault[] {
  return [...ofOwnPort(service, given), ...ofKafka(given), ...[...given].flatMap(ofAddress)]
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

function ofOwnPort(service: string, given: Given): readonly Fault[] {
  const faults: Fault[] = []
  if (!given.get('TLS_CERT_FILE')?.value) {
    const problem = 'in production a service has a certificate: name its files here, in TLS_KEY_FILE and TLS_CA_FILE'
    faults.push({ name: 'TLS_CERT_FILE', from: '', problem })
  }
  if (service === 'gateway' && !given.get('PUBLIC_TLS_CERT_FILE')?.value) faults.push(...ofPlainPort(given))
  return faults
}

/** People's secrets come by it: it is for a proxy on the same host alone, and that there is one has to be said. */
function ofPlainPort(given: Given): readonly Fault[] {
  const proxy = 'with a proxy that speaks TLS on the same host or in the same pod'
  const host = given.get('HOST')
  const open = `the gateway speaks HTTP without PUBLIC_TLS_CERT_FILE: it must be 127.0.0.1, ${proxy}`
  const unsaid = 'it must name the proxy that speaks TLS before the gateway; without one set PUBLIC_TLS_CERT_FILE'
  return [
    ...(host && !loopback.has(host.value) ? [faultOf('HOST', host, open)] : []),
    ...(given.get('TRUSTED_PROXIES')?.value ? [] : [faultOf('TRUSTED_PROXIES', undefined, unsaid)]),
  ]
}

function ofKafka(given: Given): readonly Fault[] {
  if (given.get('LOG')?.value !== 'kafka') return []
  const security = given.get('KAFKA_SECURITY')
  const hasCertificate = Boolean(given.get('KAFKA_CERT_FILE')?.value)
  if (security?.value === 'sasl_ssl' || (security?.value === 'ssl' && hasCertificate)) return []
  return [faultOf('KAFKA_SECURITY', security, 'it must be sasl_ssl, or ssl with KAFKA_CERT_FILE')]
}

/** The issuer and the public address are looked at beside other rules of theirs (production.ts). */
const lookedAtElsewhere = new Set(['OIDC_ISSUER', 'PUBLIC_URL', 'CONFIG_URL'])

function ofAddress([name, given]: readonly [string, GivenValue]): readonly Fault[] {
  const { value } = given
  if (value === '' || lookedAtElsewhere.has(name)) return []
  if (name.endsWith('_DATABASE_URL')) {
    const isChecked = URL.parse(value)?.searchParams.get('sslmode') === 'verify-full'
    return isChecked ? [] : [faultOf(name, given, 'it must have sslmode=verify-full')]
  }
  if (name === 'EVENTSTORE_URL') {
    return /[?&]tls=false\b/i.test(value) ? [faultOf(name, given, 'it must be without tls=false')] : []
  }
  if (name === 'REDIS_URL') {
    return value.startsWith('rediss:') ? [] : [faultOf(name, given, 'it must be a rediss: address')]
  }
  if (!/_URLS?$/.test(name)) return []
  return /(^|[,=])\s*([a-z]+\+)?http:/i.test(value) ? [faultOf(name, given, 'it must be by https:')] : []
}

function faultOf(name: string, given: GivenValue | undefined, problem: string): Fault {
  return { name, from: given?.from ?? '', problem: `in production ${problem}` }
}
