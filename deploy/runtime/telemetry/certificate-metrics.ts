import type { Metrics } from './told.ts'

type Certificate = { readonly endsAtMs: () => number } | undefined
/** What a process shows to other services, and on the port of the gateway. */
export type Certificates = { readonly service: Certificate; readonly public?: Certificate }

/** When the certificates that a process uses end, by what each is for. */
export function readCertificates(metrics: Metrics, certificates: Certificates): void {
  metrics.read((tell) => {
    for (const [certificate, held] of Object.entries(certificates)) {
      if (held) tell('micropay_certificate_expiry_timestamp_seconds', held.endsAtMs() / 1000, { certificate })
    }
  })
}
