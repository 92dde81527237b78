// How the lab starts a browser: with a new profile, quiet, and with its fields exposed.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A program and its arguments for one page; every start but the first opens a further window of the same process. */
export interface Browser {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  argsFor(url: string): readonly string[];
}

export interface BrowserOptions {
  /** Pixels of the screen to a unit of the page; 1 if not given. */
  readonly scale?: number;
}

export interface ChromiumOptions extends BrowserOptions {
  /** A window of the page alone, without tabs and address bar; true if not given. */
  readonly app?: boolean;
  /** What it exposes: as much as is asked for here if not given. */
  readonly exposes?: 'basic' | 'complete' | 'nothing';
}

const CHROMIUM_FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--password-store=basic', '--no-default-browser-check',
  '--disable-dev-shm-usage', '--test-type', '--disable-crash-reporter', '--window-size=900,640',
];

/**
 * Nothing is asked, fetched, updated, reported or remembered; a page may close its window, and takes keys from its first
 * moment on: a new page drops those of its first tenth of a second, in which no person taps.
 */
const FIREFOX_SETTINGS: Readonly<Record<string, boolean | number | string>> = {
  'app.normandy.enabled': false, 'app.update.auto': false, 'browser.aboutwelcome.enabled': false, 'browser.discovery.enabled': false,
  'browser.newtabpage.enabled': false, 'browser.safebrowsing.downloads.enabled': false, 'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false, 'browser.search.update': false, 'browser.sessionstore.resume_from_crash': false,
  'browser.shell.checkDefaultBrowser': false, 'browser.startup.homepage_override.mstone': 'ignore', 'browser.startup.page': 0,
  'browser.tabs.warnOnClose': false, 'datareporting.healthreport.uploadEnabled': false, 'datareporting.policy.dataSubmissionEnabled': false,
  'dom.allow_scripts_to_close_windows': true, 'dom.input_events.security.minNumTicks': 0, 'dom.input_events.security.minTimeElapsedInMS': 0,
  'extensions.getAddons.cache.enabled': false, 'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false, 'network.dns.disablePrefetch': true,
  'network.prefetch-next': false, 'signon.rememberSignons': false, 'termsofuse.bypassNotification': true, 'toolkit.telemetry.enabled': false,
  'services.settings.server': 'data:,', 'trailhead.firstrun.didSeeAboutWelcome': true,
};

/** Chromium with a new profile below `dir`. */
export async function chromium(dir: string, options: ChromiumOptions): Promise<Browser> {
  const profile = await mkdtemp(join(dir, 'chromium-'));
  const { exposes = 'basic', scale = 1 } = options;
  const accessible = exposes === 'nothing' ? [] : [`--force-renderer-accessibility=${exposes}`];
  const shown = (url: string): readonly string[] => (options.app === false ? ['--new-window', url] : [`--app=${url}`]);
  return { program: 'chromium', environment: {}, argsFor: (url) => [...CHROMIUM_FLAGS, ...accessible, `--force-device-scale-factor=${scale}`, `--user-data-dir=${profile}`, ...shown(url)] };
}

/** Firefox with a new profile below `dir`. It exposes its fields by itself where the desktop asks for it. */
export async function firefox(dir: string, { scale = 1 }: BrowserOptions): Promise<Browser> {
  const profile = await mkdtemp(join(dir, 'firefox-'));
  const lines = Object.entries(FIREFOX_SETTINGS).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`);
  await writeFile(join(profile, 'user.js'), `${lines.join('\n')}\n`);
  return { program: 'firefox-esr', environment: { GDK_SCALE: String(scale) }, argsFor: (url) => ['--profile', profile, '--new-window', url] };
}
