import { listen } from '../listen.ts'
import { type AppWithProbes, answerProbes } from './answer-probes.ts'

type ServiceApp = AppWithProbes & Parameters<typeof listen>[0]
type ServiceConfig = {
  readonly PORT: number
  readonly HOST: string
  readonly HEALTH_PORT?: number | undefined
}

/** Like `listen`, of an app that may speak TLS, with its probes on `HEALTH_PORT`, if that is given. */
export async function listenWithTls(app: ServiceApp, config: ServiceConfig, tls: object | undefined): Promise<string> {
  const probesUrl =
    config.HEALTH_PORT === undefined ? undefined : await answerProbes(app, config.HEALTH_PORT, config.HOST)
  const address = await listen(app, config, probesUrl)
  return tls ? address.replace(/^http:/, 'https:') : address
}
