import { atMost, type Board, noneIsNormal, oneIsNormal, quantile, rate } from '../board.ts'
import { processRow } from './process-row.ts'

const requests = 'http_server_request_duration_seconds'
const here = 'job="gateway"'

export const gateway: Board = {
  uid: 'micropay-gateway',
  title: 'MicroPay: gateway',
  description: 'What callers ask, what fails, how long it takes, and which service behind is why.',
  rows: [
    {
      title: 'Requests',
      panels: [
        {
          title: 'Requests by route',
          description: 'The twenty routes that are asked most.',
          unit: 'reqps',
          queries: [
            {
              expr: `topk(20, sum by (http_route) (${rate(`${requests}_count{${here}}`)}))`,
              legend: '{{http_route}}',
            },
          ],
          runbook: 'api.md',
        },
        {
          title: 'Failed, of all',
          description: 'Answers of 500 and above. Below one of a thousand is normal.',
          unit: 'percentunit',
          queries: [
            {
              expr:
                `(sum(${rate(`${requests}_count{${here}, http_response_status_code=~"5.."}`)}) or vector(0)) ` +
                `/ sum(${rate(`${requests}_count{${here}}`)})`,
              legend: 'failed',
            },
          ],
          steps: atMost(0.001, 0.01),
          runbook: 'runbooks/reads-fail.md',
        },
        {
          title: 'How long answers take',
          description: 'Of all routes together. Event streams count until they begin.',
          unit: 's',
          queries: [
            { expr: quantile(0.5, requests, { where: here }), legend: '50 of a hundred' },
            { expr: quantile(0.95, requests, { where: here }), legend: '95 of a hundred' },
            { expr: quantile(0.99, requests, { where: here }), legend: '99 of a hundred' },
          ],
          runbook: 'performance.md',
        },
        {
          title: 'Answers by status',
          description: '4xx are callers; 5xx are us.',
          unit: 'reqps',
          queries: [
            {
              expr: `sum by (http_response_status_code) (${rate(`${requests}_count{${here}}`)})`,
              legend: '{{http_response_status_code}}',
            },
          ],
          runbook: 'errors.md',
        },
        {
          title: 'Slowest routes',
          description: '99 of a hundred take no longer: the ten worst.',
          unit: 's',
          queries: [
            {
              expr: `topk(10, ${quantile(0.99, requests, { where: here, by: ['http_route'] })})`,
              legend: '{{http_route}}',
            },
          ],
          runbook: 'performance.md',
        },
        {
          title: 'Refused by a limit',
          description: 'Answered 429: of a caller, of dry runs, of an address.',
          unit: 'reqps',
          queries: [{ expr: `sum by (limit) (${rate('micropay_limited_total')})`, legend: '{{limit}}' }],
          runbook: 'operations.md#who-may-ask-how-often',
        },
      ],
    },
    {
      title: 'Services behind',
      panels: [
        {
          title: 'Not asked',
          description: '1 while the breaker of a service is open.',
          unit: 'short',
          queries: [{ expr: 'max by (upstream, kind) (micropay_breaker_open)', legend: '{{upstream}} {{kind}}' }],
          steps: noneIsNormal,
          runbook: 'runbooks/breaker-open.md',
        },
        {
          title: 'Instances',
          description: '0 while it is not ready, has failed or is away.',
          unit: 'short',
          queries: [{ expr: 'min by (upstream, address) (micropay_instance_up)', legend: '{{upstream}} {{address}}' }],
          steps: oneIsNormal,
          runbook: 'runbooks/upstream-instance-away.md',
        },
        {
          title: 'How long services take',
          description: '99 of a hundred take no longer, waiting for a place included.',
          unit: 's',
          queries: [
            {
              expr: quantile(0.99, 'micropay_upstream_request_duration_seconds', { by: ['upstream', 'kind'] }),
              legend: '{{upstream}} {{kind}}',
            },
          ],
          runbook: 'performance.md',
        },
        {
          title: 'Places in use, of all',
          description: 'At 1 callers wait.',
          unit: 'percentunit',
          queries: [
            {
              expr: 'max by (upstream, kind) (micropay_upstream_places_used / micropay_upstream_places)',
              legend: '{{upstream}} {{kind}}',
            },
          ],
          steps: atMost(0.7, 1),
          runbook: 'operations.md#who-may-have-how-much',
        },
        {
          title: 'Waiting for a place',
          description: 'Near 0 is normal; 1,024 wait for a service at most.',
          unit: 'short',
          queries: [{ expr: 'sum by (upstream, kind) (micropay_upstream_waiting)', legend: '{{upstream}} {{kind}}' }],
          steps: atMost(50, 500),
          runbook: 'operations.md#who-may-have-how-much',
        },
        {
          title: 'Answers of before',
          description: 'Told from what was kept while a service was away.',
          unit: 'reqps',
          queries: [{ expr: `sum by (upstream) (${rate('micropay_kept_answers_total')})`, legend: '{{upstream}}' }],
          runbook: 'runbooks/breaker-open.md',
        },
      ],
    },
    {
      title: 'The gateway itself',
      panels: [
        {
          title: 'Reaches the shared memory',
          description: '0 while Redis does not answer. Of one gateway alone always 1.',
          unit: 'short',
          queries: [{ expr: 'min by (instance) (micropay_shared_memory_up)', legend: '{{instance}}' }],
          steps: oneIsNormal,
          runbook: 'runbooks/shared-memory-away.md',
        },
        {
          title: 'Event streams',
          description: 'That are open. 1,000 at most.',
          unit: 'short',
          queries: [{ expr: 'sum by (instance) (micropay_streams_open)', legend: '{{instance}}' }],
          steps: atMost(700, 950),
          runbook: 'operations.md#who-may-have-how-much',
        },
        {
          title: 'Certificates end in',
          description: 'Of every service. Renewed at half of their life.',
          unit: 's',
          queries: [
            {
              expr: 'min by (job, certificate) (micropay_certificate_expiry_timestamp_seconds - time())',
              legend: '{{job}} {{certificate}}',
            },
          ],
          runbook: 'runbooks/certificate-expires.md',
        },
      ],
    },
    processRow('gateway'),
  ],
}
