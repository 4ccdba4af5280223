import { z } from 'zod'

/** What a tool has against a resource of an overlay: `on` is `Deployment/gateway`. */
export type Finding = { readonly tool: string; readonly check: string; readonly on: string; readonly says: string }

export const Exceptions = z.array(
  z.strictObject({
    tool: z.enum(['kube-score', 'checkov']),
    check: z.string(),
    /** Which resources, as `Deployment/gateway`, or `all`. */
    of: z.union([z.literal('all'), z.array(z.string()).min(1)]),
    reason: z.string().min(20),
  }),
)
export type Exceptions = z.infer<typeof Exceptions>

/**
 * The findings that nobody has answered, and the answers to which there is no finding any more: either is a fault.
 */
export function unanswered(findings: readonly Finding[], exceptions: Exceptions) {
  const answers = (exception: Exceptions[number], { tool, check, on }: Finding) =>
    exception.tool === tool && exception.check === check && (exception.of === 'all' || exception.of.includes(on))
  const open = findings.filter((finding) => !exceptions.some((exception) => answers(exception, finding)))
  const stale = exceptions.flatMap((exception) => {
    const { tool, check, of } = exception
    const found = findings.filter((finding) => answers(exception, finding))
    if (found.length === 0) return [`${tool} ${check}`]
    const seen = new Set(found.map((finding) => finding.on))
    return of === 'all' ? [] : of.filter((name) => !seen.has(name)).map((name) => `${tool} ${check} on ${name}`)
  })
  return { open, stale }
}

const Score = z.array(
  z.object({
    object_name: z.string(),
    checks: z.array(
      z.object({
        check: z.object({ id: z.string() }),
        grade: z.number(),
        skipped: z.boolean(),
        comments: z.array(z.object({ summary: z.string() })).nullable(),
      }),
    ),
  }),
)
/** Of 10: what is not wholly good is told. */
const GOOD = 10

/** What `kube-score score --output-format json` says. */
export function ofKubeScore(text: string): readonly Finding[] {
  return Score.parse(JSON.parse(text)).flatMap(({ object_name: name, checks }) => {
    const [kindAndName = ''] = name.split('/').toReversed()
    const on = objectOf(name, kindAndName)
    return checks
      .filter(({ skipped, grade }) => !skipped && grade < GOOD)
      .map(({ check, comments }) => {
        const says = (comments ?? []).map(({ summary }) => summary).join('; ')
        return { tool: 'kube-score', check: check.id, on, says }
      })
  })
}

/** It names objects `Deployment/apps/v1/micropay/gateway`: kind, version, namespace, name. */
function objectOf(name: string, last: string): string {
  return `${name.split('/')[0]}/${last}`
}

const Report = z.object({
  results: z.object({
    failed_checks: z.array(z.object({ check_id: z.string(), check_name: z.string(), resource: z.string() })),
  }),
})

/** What `checkov --output json` says: of resources, which it names `Deployment.micropay.gateway`. */
export function ofCheckov(text: string): readonly Finding[] {
  return Report.parse(JSON.parse(text)).results.failed_checks.map(({ check_id: check, check_name: says, resource }) => {
    const [kind = '', , ...name] = resource.split('.')
    return { tool: 'checkov', check, on: `${kind}/${name.join('.').split(' ')[0]}`, says }
  })
}
