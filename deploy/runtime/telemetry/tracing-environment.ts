import { z } from 'zod'

const wrongEndpoint = {
  error: 'must be the address of a receiver of OTLP over HTTP, like http://collector:4318, or empty for no traces',
}
const wrongHeaders = { error: 'must be name=value, several with commas, each value percent-encoded' }
const samplers = [
  ...(['always_on', 'always_off', 'traceidratio'] as const),
  ...(['parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const),
] as const
const wrongRatio = { error: 'must be a share of all traces from 0 to 1' }
const emptyAsNone = (value: unknown) => (value === '' ? undefined : value)

/** `name=value`, percent-encoded, as https://opentelemetry.io/docs/specs/otel/protocol/exporter/ has it. */
function headersIn(text: string): Record<string, string> | undefined {
  try {
    const pairs = text.split(',').map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [name.trim(), decodeURIComponent(value.join('=').trim())] as const
    })
    const areHeaders = pairs.every(([name, value]) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && isVisible(value))
    return areHeaders ? Object.fromEntries(pairs) : undefined
  } catch {
    return undefined
  }
}
const isVisible = (value: string) => /^[\x20-\x7e]+$/.test(value)

/** Where traces go and which ones do, by the names that OpenTelemetry gives; to be spread into a service's schema. */
export const tracingEnvironment = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z.preprocess(emptyAsNone, z.url({ protocol: /^https?$/, ...wrongEndpoint }).optional()),
  OTEL_EXPORTER_OTLP_HEADERS: z.preprocess(
    emptyAsNone,
    z
      .string(wrongHeaders)
      .transform((text, context) => {
        const headers = headersIn(text)
        if (headers) return headers
        context.addIssue({ code: 'custom', message: wrongHeaders.error })
        return z.NEVER
      })
      .optional(),
  ),
  OTEL_TRACES_SAMPLER: z.preprocess(
    emptyAsNone,
    z.enum(samplers, { error: `must be one of ${samplers.join(', ')}` }).default('parentbased_always_on'),
  ),
  OTEL_TRACES_SAMPLER_ARG: z.preprocess(
    emptyAsNone,
    z.coerce.number(wrongRatio).min(0, wrongRatio).max(1, wrongRatio).default(1),
  ),
}
export type TracingEnvironment = z.infer<z.ZodObject<typeof tracingEnvironment>>
