/**
 * The configuration file that is written where there is none: the same settings as the reference's.
 * @module
 * @see RNS/Reticulum.py __create_default_config (RNS 1.5.7)
 */

/** Text of a first configuration file. */
export const DEFAULT_CONFIG = `# Configuration of Reticulum. Lines that start with a number sign are not read.

[reticulum]

# Whether this node passes on packets, announces and path requests for others.
# Meant for nodes that stay where they are and are always on.

enable_transport = False


# Whether other programs on this machine use the network through the first one
# that was started. That one alone opens the interfaces below.

share_instance = Yes


# Instances with different names run side by side on one machine.

instance_name = default


# Where there are no local sockets, instances are told apart by these ports:

# shared_instance_port = 37428
# instance_control_port = 37429

# shared_instance_type = tcp


# Whether interfaces that others announce are collected.

# discover_interfaces = No


# Whether the program ends when an interface fails beyond repair.

# panic_on_interface_error = No


# Nodes from which lists of blocked identities are taken, by identity hash.

# blackhole_sources = 00112233445566778899aabbccddeeff


[logging]

# 0 critical, 1 error, 2 warning, 3 notice, 4 info, 5 verbose, 6 debug,
# 7 pathing, 8 extreme

loglevel = 4


# Each subsection is one interface; its name is free.

[interfaces]

  # Finds other nodes on the same local network by IPv6 multicast. No router
  # and no address server is needed.

  [[Default Interface]]
    type = AutoInterface
    enabled = Yes

`;
