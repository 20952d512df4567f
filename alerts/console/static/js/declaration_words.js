// The words of declarations, as several parts of the page say them.

import { t } from "./frame.js";

// Where a declaration or one of its versions stands, and the steps of its box.
export const states = {
  declared: t("declared"),
  accepted: t("accepted"),
  refused: t("refused"),
  lapsed: t("lapsed unanswered"),
  cancelled: t("taken back"),
  "gate-in": t("through the gate"),
  stacked: t("stacked"),
  moved: t("moved"),
  opened: t("box opened"),
  inspected: t("box inspected"),
  loaded: t("aboard ship"),
  "gate-out": t("left by the gate"),
};

// The fields of a form.
export const labels = {
  site: t("Site"), container: t("Container"), operation: t("Operation"), handling: t("Kind of operation"), voyage: t("Voyage"), vessel: t("Vessel"),
  consignor: t("Consignor"), consignee: t("Consignee"), gross_t: t("Verified gross mass, t"), tare_t: t("Empty box, t"),
  packing_certificate: t("Packing certificate"), reference: t("Own reference"), emergency_contact: t("Emergency contact"),
  technical_name: t("Technical name"), packages: t("Packages"), package_kind: t("Kind of packages"), mass_t: t("Net mass, t"),
  limited_quantity: t("Limited quantity"), flash_point_c: t("Flash point, °C"), control_c: t("Control temperature, °C"),
  emergency_c: t("Emergency temperature, °C"), ems: "EmS", marine_pollutant: t("Marine pollutant"),
};

// By which lists and rules a version was looked at.
export const tables = {
  goods: t("Goods list"), "own-goods": t("Own goods list"), rules: t("Rules of the goods list"), segregation: t("Segregation table"), pack: t("Domain pack"),
};

// Kinds of operation.
export const words = { load: t("load"), discharge: t("discharge"), transit: t("transit") };
