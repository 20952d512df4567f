"""What people do about it: alarms, warnings, deliveries, the pages and the interface to them."""
