import { stringify } from 'yaml'
import { z } from 'zod'
import { filesIn, read } from './rule-files.fixture.ts'

const RuleFile = z.object({ groups: z.array(z.record(z.string(), z.unknown())) })

/**
 * All of rules/ as one PrometheusRule, which the operator hands to its Prometheus: with the thresholds of Kubernetes,
 * and without the label that says where runbooks are, since that Prometheus is another one's.
 */
export function prometheusRule(): string {
  const paths = filesIn('rules').map((path) => path.replace('rules/thresholds', 'rules-of-kubernetes/thresholds'))
  const text = stringify(
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'micropay' },
      spec: { groups: paths.flatMap((path) => RuleFile.parse(read(path)).groups) },
    },
    { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false },
  )
  const where = '# Made of deploy/prometheus/rules: `UPDATE_DOCS=1 npx pnpm@12 test alerts` writes it anew.\n'
  return where + text.replaceAll('{{ $externalLabels.runbooks }}', 'docs/runbooks')
}
