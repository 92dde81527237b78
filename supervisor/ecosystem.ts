// The topology as pm2 apps, by the configuration that the environment names.
import { loadConfig } from '../config/load.ts';
import { isProblem } from '../config/problem.ts';
import { passed } from './environment.ts';
import { appsOf, pm2App } from './topology.ts';

const config = loadConfig();
if (isProblem(config)) throw new TypeError(config.message);

export const apps = appsOf(config.profile).map((app) => pm2App(app, passed(process.env)));
