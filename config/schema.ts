// Every setting of our own, declared once: type, check, default and text come from here. Units stand in the names.
import { z } from 'zod';
import { AGENT_URL } from '../contracts/external/nymi-agent.ts';
import { FRAMING_NAMES } from '../contracts/external/nymi-codec.ts';

const whole = (fallback: number, min: number, max: number, doc: string) =>
  z.number().int().min(min).max(max).default(fallback).describe(doc);
const text = (doc: string) => z.string().min(1).max(1024).describe(doc);
const optional = (doc: string) => text(doc).nullable().default(null).describe(doc);
/** A file or directory: relative ones are taken from the directory of the settings file. */
const path = optional;
const url = (protocol: RegExp) => z.url({ protocol, error: 'is no URL of the expected kind' }).max(2048);

/** How the actors are spread over processes. */
export const Profile = { separate: 'separate', compact: 'compact' } as const;
export type Profile = (typeof Profile)[keyof typeof Profile];

const BudgetSchema = z.strictObject({
  acceptMs: whole(5, 1, 1_000, 'Accept or drop a raw tap.'),
  ambiguityMs: whole(100, 0, 2_000, 'Another band within this time cancels the tap.'),
  resolveMs: whole(20, 1, 2_000, 'Find the window and the fields in front.'),
  credentialMsNfc: whole(1_500, 50, 20_000, 'NES, band key and unseal, after a tap on the NFC reader.'),
  credentialMsBle: whole(1_300, 50, 20_000, 'NES, band key and unseal, after a tap over Bluetooth.'),
  injectionMs: whole(800, 20, 10_000, 'Write both fields; not begun unless it can end in time.'),
  totalMsNfc: whole(2_500, 100, 30_000, 'Whole tap from the NFC event to the end.'),
  totalMsBle: whole(2_300, 100, 30_000, 'Whole tap from the deciding RSSI sample to the end.'),
  leaseGraceMs: whole(250, 0, 5_000, 'After the deadline, how long a begun injection may still tell how it ended.'),
  bounceMs: whole(1_000, 0, 10_000, 'The same band again within this time of an accepted tap is a bounce.'),
  pairMs: whole(400, 0, 5_000, 'NFC and BLE of the same band within this time are one tap.'),
  stormDrops: whole(5, 2, 100, 'This many drops within `stormWindowMs` give one warning.'),
  stormWindowMs: whole(10_000, 100, 600_000, 'Window in which drops are counted.'),
});

const TapSchema = z.strictObject({
  rssiWindowTap: whole(10, 1, 100, 'Number of RSSI samples in the mean that decides a Bluetooth tap.'),
  rssiTapThresholdDbm: whole(-42, -127, 0, 'A mean above this is a Bluetooth tap, in dBm; 0 switches Bluetooth taps off.'),
});

const BasicLoginSchema = z.strictObject({
  kind: z.literal('basic').describe('Basic authentication: insecure, for the lab only.'),
  user: text('Account that asks NES for the token.'),
  passwordFile: text('File that holds the password of that account, readable by the machine user alone.'),
});

const NesSchema = z.strictObject({
  url: url(/^https$/).nullable().default(null).describe('Address of the Nymi Enterprise Server, `https://host`; null: none, the lab is offered.'),
  instance: z
    .string().min(1).max(1024).regex(/^[\w.-]+$/, 'holds more than letters, digits, `.`, `_` and `-`')
    .default('nes')
    .describe('Name of the NES instance, the first part of its paths.'),
  caFile: path('PEM file of a private root certificate; null: the roots of the system.'),
  login: z.discriminatedUnion('kind', [BasicLoginSchema]).nullable().default(null).describe('How the gateway proves itself to NES; needed with `url`.'),
  routes: z.record(z.string().max(64), z.string().max(512)).default({}).describe('Other paths than those of `contracts/external/nes.ts`, by operation name.'),
  timeouts: z
    .strictObject({
      tokenMs: whole(5_000, 50, 60_000, 'Get a token.'),
      requestMs: whole(1_200, 50, 30_000, 'One request of a tap, with the connection that it needs.'),
      auditMs: whole(5_000, 50, 60_000, 'Hand one batch of audit events over.'),
    })
    .prefault({})
    .describe('How long the gateway waits for NES.'),
}).refine(({ url: named, login }) => named === null || login !== null, { path: ['url'], error: 'needs a "login" beside it: Kerberos (Negotiate) is not there yet' });

const AgentSchema = z.strictObject({
  url: url(/^wss?$/).default(AGENT_URL).describe('WebSocket address of the Nymi Agent.'),
  framing: z.enum(FRAMING_NAMES).default('json').describe('How frames are built: json, one envelope a frame, or phoenix, as Phoenix Channels have it.'),
  endpointId: optional('Endpoint whose taps this terminal hears: the IP address of the terminal; null: the own address towards the Agent.'),
});

const DesktopSchema = z.strictObject({
  kind: z.enum(['auto', 'x11', 'virtual']).default('auto').describe('Desktop adapter; auto: the one of the session.'),
  endpoint: url(/^wss?$/).nullable().default(null).describe('WebSocket address of a virtual desktop.'),
});

const named = (doc: string) => z.string().trim().min(1, 'must not be empty').max(512).describe(doc);

/** Their pages choose their own titles, and they show their fields. */
const BROWSER = /^(chrom(e|ium)(-browser)?|google-chrome|msedge|microsoft-edge|firefox(-esr)?|brave(-browser)?|opera|vivaldi(-bin)?|epiphany|falkon|iexplore|safari)(\.exe)?$/i;

const UnseenFormSchema = z.strictObject({
  processName: named('Process name without file extension; no browser.').refine((name) => !BROWSER.test(name), 'is a browser: its pages choose their own titles'),
  windowTitle: named('A part of the title that the login window has, and no other window of the program.'),
  tabs: whole(1, 1, 9, 'How often the Tab key leads from the user name to the password.'),
});
export type UnseenForm = z.output<typeof UnseenFormSchema>;

const LoggingSchema = z.strictObject({
  file: path('Levels and days kept; null: `logging.json` beside the settings file, else the one that comes with the product.'),
});

const RecorderSchema = z.strictObject({
  mode: z.enum(['off', 'ring', 'continuous']).default('ring').describe('off: nothing is recorded; ring: the last minutes, kept as a file when a tap ended as failed or unknown; continuous: everything, a file a day.'),
  ringMinutes: whole(5, 1, 60, 'How many of the last minutes are kept.'),
  keepDays: whole(14, 1, 3_650, 'Files older than this are removed.'),
  maxMegabytes: whole(200, 1, 100_000, 'The oldest files are removed while all together are bigger.'),
});

export const SettingsSchema = z.strictObject({
  product: z.string().trim().min(1).max(40).default('Tapline').describe('Name that people see in messages and in the tray.'),
  profile: z.enum(Profile).default('separate').describe('separate: a process for each actor; compact: one for each zone.'),
  budget: BudgetSchema.prefault({}).describe('What a tap may take, counted from its first event.'),
  tap: TapSchema.prefault({}).describe('What counts as a tap.'),
  nes: NesSchema.prefault({}).describe('Nymi Enterprise Server.'),
  agent: AgentSchema.prefault({}).describe('Nymi Agent.'),
  desktop: DesktopSchema.prefault({}).describe('Desktop of the session.'),
  machine: z
    .strictObject({ directory: path('Keys, endpoints and audit log of the machine zone; null: `machine` in the home directory.') })
    .prefault({})
    .describe('Machine zone, one for each host.'),
  session: z
    .strictObject({ directory: path('Journals and endpoints of a session zone; null: `session-USER` in the home directory.') })
    .prefault({})
    .describe('Session zone, one for each user who is logged on.'),
  applications: z
    .strictObject({ file: path('Allowed and suppressed applications; null: `appsettings.json` beside the settings file, else the one that comes with the product.') })
    .prefault({})
    .describe('Rules for applications.'),
  unseenForms: z
    .array(UnseenFormSchema)
    .max(100)
    .default([])
    .describe('Login windows of programs that show no fields: `processName`, `windowTitle`, and `tabs` from user name to password. Filled blindly, and said so.'),
  recorder: RecorderSchema.prefault({}).describe('Recordings of what the judgement of taps saw and decided, in `recordings` of the session zone.'),
  logging: LoggingSchema.prefault({}).describe('Log files.'),
});

/** What a settings file says, defaults filled in. */
export type Settings = z.output<typeof SettingsSchema>;
export type Budget = Settings['budget'];
