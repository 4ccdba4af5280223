import { atMost, type Board, noneIsNormal, oneIsNormal, quantile, rate } from '../board.ts'

const duration = 'http_server_request_duration_seconds'
const payment = 'job="gateway", http_request_method="POST", http_route="/v1/payments"'

export const business: Board = {
  uid: 'micropay-business',
  title: 'MicroPay: payments',
  description: 'What customers and the bank see: payments, how long they take, and whether the books are right.',
  rows: [
    {
      title: 'Payments',
      panels: [
        {
          title: 'Payments by outcome',
          description: 'By what became of them, where it was written to the log. Most are posted.',
          unit: 'ops',
          queries: [{ expr: `sum by (outcome) (${rate('micropay_payments_total')})`, legend: '{{outcome}}' }],
          runbook: 'payments.md',
        },
        {
          title: 'Commands by outcome',
          description:
            'What senders were told. A code of docs/errors.md where nothing was decided, or it is not known.',
          unit: 'ops',
          queries: [{ expr: `sum by (outcome) (${rate('micropay_commands_total')})`, legend: '{{outcome}}' }],
          runbook: 'runbooks/commands-fail.md',
        },
        {
          title: 'How long a payment takes',
          description: 'From the request at the gateway until its answer was sent.',
          unit: 's',
          queries: [
            { expr: quantile(0.5, duration, { where: payment }), legend: '50 of a hundred' },
            { expr: quantile(0.95, duration, { where: payment }), legend: '95 of a hundred' },
            { expr: quantile(0.99, duration, { where: payment }), legend: '99 of a hundred' },
          ],
          runbook: 'runbooks/commands-slow.md',
        },
      ],
    },
    {
      title: 'Payments across partitions',
      panels: [
        {
          title: 'Under way',
          description: 'Payments that two partitions have not finished yet. Tens are normal while there is traffic.',
          unit: 'short',
          queries: [
            { expr: 'sum(micropay_payments_open)', legend: 'under way' },
            { expr: 'sum(micropay_payments_overdue)', legend: 'overdue' },
          ],
          runbook: 'runbooks/payments-overdue.md',
        },
        {
          title: 'Overdue',
          description: 'Past their deadline by more than 30 s. None is normal.',
          unit: 'short',
          kind: 'figure',
          queries: [{ expr: 'sum(micropay_payments_overdue)', legend: 'overdue' }],
          steps: noneIsNormal,
          runbook: 'runbooks/payments-overdue.md',
        },
        {
          title: 'The oldest under way',
          description: 'How long the worker has gone on with it. Below a second is normal.',
          unit: 's',
          queries: [{ expr: 'max by (partition) (micropay_payment_open_oldest_seconds)', legend: '{{partition}}' }],
          steps: atMost(10, 60),
          runbook: 'runbooks/payments-overdue.md',
        },
      ],
    },
    {
      title: 'The books',
      panels: [
        {
          title: 'Imbalance',
          description: 'What all accounts sum to, in minor units. Anything but 0 is wrong.',
          unit: 'short',
          kind: 'figure',
          queries: [{ expr: 'max by (currency) (micropay_imbalance_minor)', legend: '{{currency}}' }],
          steps: noneIsNormal,
          runbook: 'runbooks/imbalance-not-zero.md',
        },
        {
          title: 'On its way',
          description: 'Minor units that have left one partition and not reached the other one.',
          unit: 'short',
          queries: [{ expr: 'max by (currency) (micropay_on_its_way_minor)', legend: '{{currency}}' }],
          runbook: 'operations.md#payments-that-stay-under-way',
        },
        {
          title: 'The log was found sound',
          description: '0 since a verification found a fault.',
          unit: 'short',
          kind: 'figure',
          queries: [{ expr: 'min(micropay_verification_sound)', legend: 'sound' }],
          steps: oneIsNormal,
          runbook: 'runbooks/verification-unsound.md',
        },
        {
          title: 'Since the last verification',
          description: 'Of the partition that was verified longest ago. No more than VERIFY_EVERY is normal.',
          unit: 's',
          queries: [{ expr: 'max(micropay_verification_age_seconds)', legend: 'age' }],
          runbook: 'runbooks/verification-overdue.md',
        },
        {
          title: 'Void records',
          description: 'Records that were read and do not count. A few when a partition changes hands; never a stream.',
          unit: 'ops',
          queries: [{ expr: `sum by (reason) (${rate('micropay_void_records_total')})`, legend: '{{reason}}' }],
          runbook: 'runbooks/void-records-rising.md',
        },
        {
          title: 'Figures are behind by',
          description: 'How long ago the live version of each read model had everything. Below a second is normal.',
          unit: 's',
          queries: [{ expr: 'max by (projection) (micropay_projection_lag_seconds)', legend: '{{projection}}' }],
          steps: atMost(10, 60),
          runbook: 'runbooks/read-models-late.md',
        },
      ],
    },
  ],
}
