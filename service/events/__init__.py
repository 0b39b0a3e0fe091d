"""What happens outside meetings: bank, grants, deposits, costs, loans between organisations."""
