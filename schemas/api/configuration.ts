import { z } from 'zod'

/** The settings that are in force in one process of a service; no secret is in it. */
export const ServiceConfiguration = z
  .object({
    service: z.string().meta({ examples: ['gateway', 'accounts-projection'] }),
    instance: z.string().meta({ description: 'The host and the process: of several instances one is asked.' }),
    version: z.string().nullable().default(null).meta({ description: 'Of MicroPay, as CHANGELOG.md has it.' }),
    commit: z
      .string()
      .nullable()
      .default(null)
      .meta({ description: 'That it was built from, or that is checked out; null where nobody says.' }),
    settings: z.array(
      z.object({
        name: z.string(),
        value: z.string().nullable().meta({ description: 'Null where there is none. Secrets are hidden.' }),
        from: z.string().nullable().meta({
          description: 'Where it stands: the environment, a file, the configuration server, or the default.',
        }),
        changes: z.enum(['at once', 'at a restart']).meta({ description: 'When another value of it holds.' }),
        isWaiting: z.boolean().meta({ description: 'Another value was given that waits for a restart.' }),
      }),
    ),
    lastReload: z
      .object({
        at: z.iso.datetime(),
        outcome: z.enum(['applied', 'refused']),
        changed: z.array(z.string()).meta({ description: 'What holds since then.' }),
        waiting: z.array(z.string()).meta({ description: 'What holds from the next start on.' }),
        reason: z.string().nullable().meta({ description: 'Why it was refused.' }),
      })
      .nullable()
      .meta({ description: 'The last time that something had changed; null when nothing has.' }),
    trouble: z.string().nullable().meta({ description: 'What is wrong with where the settings come from.' }),
    notices: z
      .array(z.string())
      .default([])
      .meta({ description: 'What works and should be better, such as a database whose roles are not split.' }),
  })
  .meta({ id: 'ServiceConfiguration' })
export type ServiceConfiguration = z.infer<typeof ServiceConfiguration>

/** Of the gateway that is asked, and of each service behind it. */
export const Configuration = z
  .object({
    services: z.array(ServiceConfiguration),
    unreachable: z.array(z.object({ service: z.string(), reason: z.string() })),
  })
  .meta({ id: 'Configuration' })
export type Configuration = z.infer<typeof Configuration>
